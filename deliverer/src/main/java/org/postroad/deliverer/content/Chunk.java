package org.postroad.deliverer.content;

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
    /** What a small one takes beside its octets, in the cache's maps too. */
    private static final int FRAME_OCTETS = 512;

    private final byte @Nullable [] key;
    private final byte @Nullable [] value;
    private final int packedFrom;
    private volatile @Nullable WeakReference<ContentChunk> content;

    /** Keeps nothing of the record but key and value: its headers hold the whole response that it came in. */
    Chunk(ConsumerRecord<byte[], byte[]> record) {
        this.key = record.key();
        this.value = record.value();
        this.packedFrom = ContentChunks.packedFrom(record.headers());
    }

    /** Octets of heap it holds. */
    int size() {
        return FRAME_OCTETS + (value == null ? 0 : value.length);
    }

    boolean is(ContentRef ref, int chunk) {
        return key != null && ContentChunks.isChunk(key, ref, chunk);
    }

    /** Null where there are none, or they are damaged. */
    @Nullable
    ContentChunk content() {
        WeakReference<ContentChunk> known = content;
        ContentChunk chunk = known == null ? null : known.get();
        if (chunk == null) {
            byte[] octets = ContentChunks.octets(value, packedFrom);
            if (octets != null) {
                chunk = ContentChunk.of(octets);
                content = new WeakReference<>(chunk);
            }
        }
        return chunk;
    }
}
