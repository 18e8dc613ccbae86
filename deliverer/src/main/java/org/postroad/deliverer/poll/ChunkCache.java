package org.postroad.deliverer.poll;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Chunks read lately, the first read going first when their octets exceed the bound: the neighbours of a wanted chunk are mostly
 * wanted next, and each only once or a few times at once.
 *
 * <p>Written by the content reader's thread alone; event loops look, so that what was read ahead costs them no wait.
 */
final class ChunkCache {
    private final long octetsLimit;
    private final Map<Place, ConsumerRecord<byte[], byte[]>> chunks = new ConcurrentHashMap<>();
    private final Deque<Place> firstRead = new ArrayDeque<>();
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
        Place place = new Place(chunk.partition(), chunk.offset());
        if (chunks.put(place, chunk) == null) {
            firstRead.add(place);
            octets += size(chunk);
        }
        while (octets > octetsLimit) {
            octets -= size(Objects.requireNonNull(chunks.remove(firstRead.remove())));
        }
    }

    long octets() {
        return octets;
    }

    private static long size(ConsumerRecord<byte[], byte[]> chunk) {
        return chunk.value() == null ? 0 : chunk.value().length;
    }
}
