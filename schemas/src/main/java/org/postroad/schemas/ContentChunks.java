package org.postroad.schemas;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Chunks of the content topic, keyed by content id and their place in the content: packed octets whose number a header tells,
 * or, without that header, octets as they are.
 */
public final class ContentChunks {
    private static final int ID_OCTETS = 16;
    private static final String PACKED = "lz4";

    /** Instead of a size: not packed. */
    public static final int RAW = -2;

    private static final int DAMAGED = -1;

    private ContentChunks() {}

    public static byte[] key(ContentId id, int index) {
        return ByteBuffer.allocate(ID_OCTETS + Integer.BYTES)
                .put(id.bytes())
                .putInt(index)
                .array();
    }

    /** The record of the first {@code length} octets; where they cannot be packed, it may hold the very array. */
    public static ProducerRecord<byte[], byte[]> record(
            String topic, int partition, byte[] key, byte[] octets, int length, Packing packing) {
        byte[] packed = packing.pack(octets, length);
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

    /** How many octets a chunk's value was packed from; {@link #RAW} when it is not packed. */
    public static int packedFrom(Headers headers) {
        Header packed = headers.lastHeader(PACKED);
        if (packed == null) {
            return RAW;
        }
        byte[] size = packed.value();
        return size == null || size.length != Integer.BYTES
                ? DAMAGED
                : Math.max(DAMAGED, ByteBuffer.wrap(size).getInt());
    }

    /** The octets of a chunk, null where there are none or they cannot be unpacked. */
    public static byte @Nullable [] octets(byte @Nullable [] value, int packedFrom) {
        if (value == null || packedFrom == RAW) {
            return value;
        }
        return packedFrom == DAMAGED || packedFrom > Caps.CHUNK_OCTETS ? null : Packing.unpack(value, packedFrom);
    }
}
