package org.postroad.deliverer.content;

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
    private final Map<Place, Chunk> chunks = new ConcurrentHashMap<>();
    private final Deque<Place> firstRead = new ArrayDeque<>();
    private long octets;

    private record Place(int partition, long offset) {}

    ChunkCache(long octetsLimit) {
        this.octetsLimit = octetsLimit;
    }

    @Nullable
    Chunk get(int partition, long offset) {
        return chunks.get(new Place(partition, offset));
    }

    Chunk put(ConsumerRecord<byte[], byte[]> read) {
        Place place = new Place(read.partition(), read.offset());
        Chunk chunk = new Chunk(read);
        if (chunks.put(place, chunk) == null) {
            firstRead.add(place);
            octets += chunk.size();
        }
        while (octets > octetsLimit) {
            octets -= Objects.requireNonNull(chunks.remove(firstRead.remove())).size();
        }
        return chunk;
    }

    long octets() {
        return octets;
    }
}
