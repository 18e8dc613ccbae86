package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class CodecTest {
    private final KnownSchemas schemas = new KnownSchemas();
    private final Codec<Envelope> codec = new Codec<>(Envelope.class, schemas);

    @Test
    void readsWhatItWrote() throws Exception {
        Envelope envelope = Samples.largest(Samples.largestTried(3));
        byte[] octets = codec.encode(envelope);
        assertThat(octets).startsWith(0xC3, 0x01);
        assertThat(codec.decode(octets)).isEqualTo(envelope);
    }

    @Test
    void namesTheSchemaItDoesNotKnow() {
        byte[] octets = codec.encode(Samples.envelope());
        octets[2] ^= 1;
        assertThatThrownBy(() -> codec.decode(octets)).isInstanceOf(UnknownSchemaException.class);
    }

    @Test
    void readsANewerWriterOnceItsSchemaIsLearned() throws Exception {
        Schema newer = new Schema.Parser()
                .parse(Exchanger.SCHEMA$
                        .toString()
                        .replace("\"fields\":[", "\"fields\":[{\"name\":\"weight\",\"type\":\"int\",\"default\":0},"));
        ByteBuffer written = new org.apache.avro.message.BinaryMessageEncoder<org.apache.avro.generic.GenericRecord>(
                        org.apache.avro.generic.GenericData.get(), newer)
                .encode(new org.apache.avro.generic.GenericRecordBuilder(newer)
                        .set("weight", 7)
                        .set("host", "mx.a.test")
                        .set("preference", 10)
                        .build());
        byte[] octets = Arrays.copyOf(written.array(), written.limit());
        Codec<Exchanger> exchangers = new Codec<>(Exchanger.class, schemas);

        assertThatThrownBy(() -> exchangers.decode(octets)).isInstanceOf(UnknownSchemaException.class);
        schemas.add(newer);
        assertThat(exchangers.decode(octets)).isEqualTo(new Exchanger("mx.a.test", 10, 0));
    }

    @Test
    void anyDamageIsUndecodableAndNothingElse() {
        byte[] good = codec.encode(Samples.envelope());
        Random random = new Random(42);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
            for (int j = random.nextInt(4); j > 0 && bad.length > 10; j--) {
                bad[10 + random.nextInt(bad.length - 10)] = (byte) random.nextInt();
            }
            try {
                assertThat(codec.decode(bad)).isNotNull();
            } catch (UndecodableException | UnknownSchemaException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            }
        }
    }

    @Test
    void refusesOctetsAfterTheRecord() {
        byte[] good = codec.encode(Samples.envelope());
        byte[] longer = Arrays.copyOf(good, good.length + 1);
        assertThatThrownBy(() -> codec.decode(longer)).isInstanceOf(UndecodableException.class);
    }
}
