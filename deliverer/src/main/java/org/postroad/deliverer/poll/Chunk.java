package org.postroad.deliverer.poll;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.ContentChunks;
import org.postroad.schemas.ContentRef;

/**
 * One record of the content topic, unpacked when it is first wanted, once for all who want it.
 *
 * <p>Safe from any thread: two that come at once unpack it twice, to the same octets.
 */
final class Chunk {
    private final byte @Nullable [] key;
    private final int size;
    private volatile @Nullable ConsumerRecord<byte[], byte[]> packed;
    private volatile byte @Nullable [] octets;

    Chunk(ConsumerRecord<byte[], byte[]> record) {
        this.key = record.key();
        this.size = ContentChunks.size(record);
        this.packed = record;
    }

    /** Octets of heap it may take. */
    int size() {
        return size;
    }

    boolean is(ContentRef ref, int chunk) {
        return key != null && ContentChunks.isChunk(key, ref, chunk);
    }

    /** Null where there are none, or they are damaged. */
    byte @Nullable [] octets() {
        ConsumerRecord<byte[], byte[]> record = packed;
        if (record != null) {
            octets = ContentChunks.octets(record);
            packed = null;
        }
        return octets;
    }
}
