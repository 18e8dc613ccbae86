package org.postroad.deliverer.content;

import java.time.Duration;
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
    /** Nobody waits for what is read ahead, so nobody's deadline ends it. */
    private static final long AHEAD_NANOS = Duration.ofSeconds(5).toNanos();

    private final NavigableMap<Long, List<ChunkRequest>> wanted = new TreeMap<>();
    private long aheadUntil;
    private long aheadSince;

    void add(ChunkRequest request) {
        wanted.computeIfAbsent(request.offset(), offset -> new ArrayList<>(1)).add(request);
    }

    boolean isEmpty() {
        return wanted.isEmpty() && aheadUntil == 0;
    }

    /** Wants what lies between what was just read and an offset, for those who will soon ask. */
    void readAhead(long until, long nowNanos) {
        aheadUntil = until;
        aheadSince = nowNanos;
    }

    /** Who waits for this offset, no longer. */
    List<ChunkRequest> take(long offset) {
        passed(offset + 1);
        List<ChunkRequest> requests = wanted.remove(offset);
        return requests == null ? List.of() : requests;
    }

    /**
     * Where to seek to, or null to read on: the next wanted offset ahead, and after the last the first again. Fresh mail always wants
     * something ahead, so a pass also starts again when something behind has waited long: else mail that is tried again
     * hours later would never get its content.
     *
     * @param near so many records are read over rather than leapt over
     * @param overdueNanos a request whose deadline comes before this has waited long
     */
    @Nullable
    Long seekFrom(long position, long near, long overdueNanos) {
        if (wanted.isEmpty()) {
            return null;
        }
        boolean overdue = isOverdue(wanted.headMap(position, false), overdueNanos);
        if (position < aheadUntil && !overdue) {
            return null;
        }
        aheadUntil = 0;
        Long ahead = wanted.ceilingKey(position);
        if (ahead == null || overdue) {
            return wanted.firstKey();
        }
        return ahead - position <= near ? null : ahead;
    }

    private void passed(long position) {
        aheadUntil = position < aheadUntil ? aheadUntil : 0;
    }

    /** Who waits for an offset in a range, no longer. */
    List<ChunkRequest> takeBetween(long from, long to) {
        passed(to);
        return from < to ? takeAll(wanted.subMap(from, true, to, false)) : List.of();
    }

    List<ChunkRequest> takeExpired(long nowNanos) {
        aheadUntil = nowNanos - aheadSince > AHEAD_NANOS ? 0 : aheadUntil;
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
