package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentChunksTest {
    private final Packing packing = new Packing();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 100, 4_096, 65_536, Caps.CHUNK_OCTETS})
    void whatIsPackedIsUnpackedExactly(int size) {
        for (byte[] octets : new byte[][] {noise(size), text(size), new byte[size]}) {
            byte[] buffer = Arrays.copyOf(octets, size + 10);
            assertThat(octets(written(buffer, size))).isEqualTo(octets);
        }
    }

    @Test
    void textShrinksAndNoiseStaysAsItIs() {
        assertThat(written(text(50_000), 50_000).value()).hasSizeLessThan(10_000);
        byte[] noise = noise(50_000);
        assertThat(written(noise, 50_000).value()).isSameAs(noise);
    }

    @Test
    void aBufferThatWasPackedMayBeUsedAgain() {
        byte[] buffer = text(50_000);
        byte[] before = buffer.clone();
        ProducerRecord<byte[], byte[]> record = written(buffer, buffer.length);
        Arrays.fill(buffer, (byte) 0);
        assertThat(octets(record)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 49_999, 50_001, Integer.MAX_VALUE})
    void aWrongSizeIsDamageAndTakesNoMemory(int size) {
        ProducerRecord<byte[], byte[]> record = written(text(50_000), 50_000);
        record.headers().remove("lz4");
        record.headers().add("lz4", ByteBuffer.allocate(4).putInt(size).array());
        assertThat(octets(record)).isNull();
    }

    @Test
    void aHeaderThatTellsNoSizeIsDamage() {
        for (byte[] told : new byte[][] {null, {}, {1, 2, 3}, new byte[5]}) {
            ProducerRecord<byte[], byte[]> record = written(text(50_000), 50_000);
            record.headers().remove("lz4");
            record.headers().add("lz4", told);
            assertThat(octets(record)).isNull();
        }
    }

    @Test
    void damagedOctetsNeverThrow() {
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            ProducerRecord<byte[], byte[]> record = written(text(5_000), 5_000);
            byte[] damaged = record.value().clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
            byte[] octets = ContentChunks.octets(damaged, 5_000);
            assertThat(octets == null || octets.length == 5_000).isTrue();
        }
    }

    private ProducerRecord<byte[], byte[]> written(byte[] buffer, int length) {
        byte[] key = ContentChunks.key(new ContentId(new byte[16]), 0);
        return ContentChunks.record("content", 0, key, buffer, length, packing);
    }

    private static byte @Nullable [] octets(ProducerRecord<byte[], byte[]> record) {
        return ContentChunks.octets(record.value(), ContentChunks.packedFrom(record.headers()));
    }

    private static byte[] noise(int size) {
        byte[] octets = new byte[size];
        new Random(size).nextBytes(octets);
        return octets;
    }

    private static byte[] text(int size) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() < size; i++) {
            text.append("<td class=3D\"price\">").append(i * 7_919 % 1_000).append("</td>\r\n");
        }
        return text.substring(0, size).getBytes(StandardCharsets.US_ASCII);
    }
}
