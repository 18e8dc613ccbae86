package org.postroad.deliverer.poll;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of one content partition, in the order in which one forward pass meets it.
 *
 * <p>Confined to the content reader's thread.
 */
final class WantedChunks {
    /**
     * Reading over so many records is cheaper than a seek, which throws away what was prefetched (up to 4 MiB) and waits
     * a round trip.
     */
    private static final long NEAR = 64;

    private final NavigableMap<Long, List<ChunkRequest>> wanted = new TreeMap<>();

    void add(ChunkRequest request) {
        wanted.computeIfAbsent(request.offset(), offset -> new ArrayList<>(1)).add(request);
    }

    boolean isEmpty() {
        return wanted.isEmpty();
    }

    /** Who waits for this offset, no longer. */
    List<ChunkRequest> take(long offset) {
        List<ChunkRequest> requests = wanted.remove(offset);
        return requests == null ? List.of() : requests;
    }

    /**
     * Where to seek to, or null to read on: the next wanted offset ahead, and after the last the first again. Fresh mail always wants
     * something ahead, so a pass also starts again when something behind has waited long: else mail that is tried again
     * hours later would never get its content.
     *
     * @param overdueNanos a request whose deadline comes before this has waited long
     */
    @Nullable
    Long seekFrom(long position, long overdueNanos) {
        Long ahead = wanted.ceilingKey(position);
        if (ahead == null || isOverdue(wanted.headMap(position, false), overdueNanos)) {
            return wanted.firstKey();
        }
        return ahead - position <= NEAR ? null : ahead;
    }

    /** Who waits for an offset in a range, no longer. */
    List<ChunkRequest> takeBetween(long from, long to) {
        return from < to ? takeAll(wanted.subMap(from, true, to, false)) : List.of();
    }

    List<ChunkRequest> takeExpired(long nowNanos) {
        List<ChunkRequest> expired = new ArrayList<>();
        wanted.values().removeIf(requests -> {
            requests.removeIf(request -> nowNanos - request.deadlineNanos() >= 0 && expired.add(request));
            return requests.isEmpty();
        });
        return expired;
    }

    private static boolean isOverdue(NavigableMap<Long, List<ChunkRequest>> behind, long overdueNanos) {
        return behind.values().stream()
                .flatMap(List::stream)
                .anyMatch(request -> request.deadlineNanos() - overdueNanos < 0);
    }

    private static List<ChunkRequest> takeAll(NavigableMap<Long, List<ChunkRequest>> range) {
        List<ChunkRequest> taken = range.values().stream().flatMap(List::stream).toList();
        range.clear();
        return taken;
    }
}
