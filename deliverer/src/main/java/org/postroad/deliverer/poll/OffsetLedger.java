package org.postroad.deliverer.poll;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What of one partition is open and what is done, in whatever order mail is finished.
 *
 * <p>Everything below the mark is finished and may be forgotten; above it, the open offsets are listed and the rest is
 * finished. It starts from what the previous owner committed: what that one left unfinished is open already, though unread.
 */
final class OffsetLedger {
    private static final long UNREAD = -1;

    /** Each open offset with the octets that this node had read of the partition before it; {@link #UNREAD} before it was. */
    private final NavigableMap<Long, Long> open = new TreeMap<>();

    private long next;
    private long highestDone;
    private long octetsRead;

    OffsetLedger(FinishedOffsets committed) {
        for (long offset : committed.unfinished()) {
            open.put(offset, UNREAD);
        }
        highestDone = committed.highest();
        next = Math.max(committed.mark(), committed.highest() + 1);
    }

    /** Whether a record that was read has to be opened; false when it was finished before, or is open. */
    boolean wants(long offset) {
        return offset >= next || Long.valueOf(UNREAD).equals(open.get(offset));
    }

    /** A record that is wanted was read. */
    void open(long offset, int octets) {
        if (!wants(offset)) {
            throw new IllegalStateException("offset " + offset + " was read before");
        }
        open.put(offset, octetsRead);
        octetsRead += octets;
        next = Math.max(next, offset + 1);
    }

    /** An open record is finished. */
    void done(long offset) {
        if (open.remove(offset) == null) {
            throw new IllegalStateException("offset " + offset + " is not open");
        }
        highestDone = Math.max(highestDone, offset);
    }

    /** Everything below this position was read: what an earlier owner left and nobody has read since does not exist. */
    void reach(long position) {
        open.headMap(position).values().removeIf(before -> before == UNREAD);
        next = Math.max(next, position);
    }

    /** The lowest unfinished offset, or the next to read. */
    long mark() {
        return open.isEmpty() ? next : open.firstKey();
    }

    int openCount() {
        return open.size();
    }

    /** How many offsets lie between the mark and the last record read. */
    long span() {
        return next - mark();
    }

    /** Octets of the records between the oldest open one and the last one read. */
    long spanOctets() {
        Map.Entry<Long, Long> oldest = open.firstEntry();
        return oldest == null ? 0 : octetsRead - Math.max(0, oldest.getValue());
    }

    FinishedOffsets snapshot() {
        long mark = mark();
        if (highestDone < mark) {
            return FinishedOffsets.below(mark);
        }
        long[] unfinished = open.headMap(highestDone).keySet().stream()
                .mapToLong(Long::longValue)
                .toArray();
        return new FinishedOffsets(mark, highestDone, unfinished);
    }
}
