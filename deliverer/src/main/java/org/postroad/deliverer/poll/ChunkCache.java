package org.postroad.deliverer.poll;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Chunks read lately, those not asked for the longest going first when their octets exceed the bound: the neighbours of a wanted chunk
 * are mostly wanted next.
 *
 * <p>Confined to the content reader's thread.
 */
final class ChunkCache {
    private final long octetsLimit;
    private final Map<Place, ConsumerRecord<byte[], byte[]>> chunks = new LinkedHashMap<>(64, 0.75f, true);
    private long octets;

    private record Place(int partition, long offset) {}

    ChunkCache(long octetsLimit) {
        this.octetsLimit = octetsLimit;
    }

    @Nullable
    ConsumerRecord<byte[], byte[]> get(int partition, long offset) {
        return chunks.get(new Place(partition, offset));
    }

    void put(ConsumerRecord<byte[], byte[]> chunk) {
        ConsumerRecord<byte[], byte[]> before = chunks.put(new Place(chunk.partition(), chunk.offset()), chunk);
        octets += size(chunk) - (before == null ? 0 : size(before));
        Iterator<ConsumerRecord<byte[], byte[]>> oldest = chunks.values().iterator();
        while (octets > octetsLimit && oldest.hasNext()) {
            octets -= size(oldest.next());
            oldest.remove();
        }
    }

    long octets() {
        return octets;
    }

    private static long size(ConsumerRecord<byte[], byte[]> chunk) {
        return chunk.value() == null ? 0 : chunk.value().length;
    }
}
