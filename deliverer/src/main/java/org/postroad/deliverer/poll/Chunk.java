package org.postroad.deliverer.poll;

import java.lang.ref.WeakReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.ContentChunks;
import org.postroad.schemas.ContentRef;

/**
 * One record of the content topic, unpacked when it is wanted and once for all who want it at about the same time: the
 * collector may take the unpacked octets as soon as nobody sends them, so that they never grow old in the heap.
 *
 * <p>Safe from any thread: two that come at once unpack it twice, to the same octets.
 */
final class Chunk {
    private final ConsumerRecord<byte[], byte[]> record;
    private volatile @Nullable WeakReference<byte[]> unpacked;

    Chunk(ConsumerRecord<byte[], byte[]> record) {
        this.record = record;
    }

    /** Octets of heap it holds. */
    int size() {
        return record.value() == null ? 0 : record.value().length;
    }

    boolean is(ContentRef ref, int chunk) {
        return record.key() != null && ContentChunks.isChunk(record.key(), ref, chunk);
    }

    /** Null where there are none, or they are damaged. */
    byte @Nullable [] octets() {
        WeakReference<byte[]> known = unpacked;
        byte[] octets = known == null ? null : known.get();
        if (octets == null) {
            octets = ContentChunks.octets(record);
            unpacked = octets == null ? null : new WeakReference<>(octets);
        }
        return octets;
    }
}
