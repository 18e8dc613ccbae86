package org.postroad.schemas;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Chunks of the content topic, keyed by content id and their place in the content: packed octets whose number a header tells,
 * or, without that header, octets as they are.
 */
public final class ContentChunks {
    private static final int ID_OCTETS = 16;
    private static final String PACKED = "lz4";

    private ContentChunks() {}

    public static byte[] key(ContentId id, int index) {
        return ByteBuffer.allocate(ID_OCTETS + Integer.BYTES)
                .put(id.bytes())
                .putInt(index)
                .array();
    }

    /** The record of a chunk; {@code octets} may be part of it from now on, so nobody may change them any more. */
    public static ProducerRecord<byte[], byte[]> record(
            String topic, int partition, byte[] key, byte[] octets, int length, Packing packing) {
        byte[] packed = packing.pack(octets, 0, length);
        if (packed == null) {
            byte[] exact = length == octets.length ? octets : Arrays.copyOf(octets, length);
            return new ProducerRecord<>(topic, partition, key, exact);
        }
        byte[] size = ByteBuffer.allocate(Integer.BYTES).putInt(length).array();
        return new ProducerRecord<>(topic, partition, key, packed, List.of(new RecordHeader(PACKED, size)));
    }

    /** Whether a record of the content topic is the chunk that a reference means. */
    public static boolean isChunk(byte[] key, ContentRef ref, int index) {
        return Arrays.equals(key, key(ref.getId(), index));
    }

    /** The octets of a chunk, null where there are none or they cannot be unpacked. */
    public static byte @Nullable [] octets(ConsumerRecord<byte[], byte[]> chunk) {
        byte[] value = chunk.value();
        Header packed = chunk.headers().lastHeader(PACKED);
        if (packed == null || value == null) {
            return value;
        }
        int size = packed.value().length == Integer.BYTES
                ? ByteBuffer.wrap(packed.value()).getInt()
                : -1;
        boolean possible = size >= 0 && size <= Caps.CHUNK_OCTETS;
        return possible ? Packing.unpack(value, 0, value.length, size) : null;
    }
}
