package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.postroad.testkit.NewerNode;

class CodecTest {
    private final KnownSchemas schemas = new KnownSchemas();
    private final Codec<Envelope> codec = new Codec<>(Envelope.class, schemas);

    @Test
    void readsWhatItWrote() throws Exception {
        Envelope envelope = Samples.largest(Samples.largestTried(3));
        envelope.put("requires", null);
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
        Envelope envelope = Samples.envelope();
        NewerNode newer = new NewerNode(Envelope.SCHEMA$);
        byte[] octets = newer.withFields(codec.encode(envelope));
        assertThatThrownBy(() -> codec.decode(octets)).isInstanceOf(UnknownSchemaException.class);
        assertThat(schemas.add(newer.schema())).isTrue();
        assertThat(codec.decode(octets)).isEqualTo(envelope);
    }

    @Test
    void anyDamageIsUndecodableOrTakenForNewerAndNothingElse() {
        byte[] good = codec.encode(Samples.envelope());
        Random random = new Random(42);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
            for (int j = random.nextInt(4); j > 0 && bad.length > 10; j--) {
                bad[10 + random.nextInt(bad.length - 10)] = (byte) random.nextInt();
            }
            try {
                assertThat(codec.decode(bad)).isNotNull();
            } catch (UndecodableException | UnknownSchemaException | NewerRecordException expected) {
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
