package org.postroad.deliverer.commit;

import java.util.TreeSet;

/**
 * What of one partition is open and what is done, in whatever order mail is finished.
 *
 * <p>Everything below the mark is finished and may be forgotten; above it, the open offsets are listed and the rest is
 * finished. It starts from what the previous owner committed: what that one left unfinished is open already, though unread.
 *
 * <p>Records are read in the order of their offsets, so what is open and was not reached is what has to be read again.
 */
public final class OffsetLedger {
    private final TreeSet<Long> open = new TreeSet<>();

    /** All below was finished or opened, by whomever. */
    private long next;

    /** All below was read by this node, or needs no reading. */
    private long reached;

    private long highestDone;

    OffsetLedger(FinishedOffsets committed) {
        for (long offset : committed.unfinished()) {
            open.add(offset);
        }
        highestDone = committed.highest();
        next = Math.max(committed.mark(), committed.highest() + 1);
        reached = committed.mark();
    }

    /** Whether a record that was read has to be opened; false when it was finished before, or is open. */
    public boolean wants(long offset) {
        return offset >= next || (offset >= reached && open.contains(offset));
    }

    /** A record that is wanted was read. */
    void open(long offset) {
        if (!wants(offset)) {
            throw new IllegalStateException("offset " + offset + " was read before");
        }
        reach(offset);
        open.add(offset);
        reached = offset + 1;
        next = Math.max(next, reached);
    }

    /** An open record is finished. */
    void done(long offset) {
        if (!open.remove(offset)) {
            throw new IllegalStateException("offset " + offset + " is not open");
        }
        highestDone = Math.max(highestDone, offset);
    }

    /** Everything below this position was read: what an earlier owner left and nobody has read since does not exist. */
    public void reach(long position) {
        if (position > reached) {
            open.subSet(reached, position).clear();
            reached = position;
            next = Math.max(next, position);
        }
    }

    /** The offset from which on reading makes sense: from there to where this node has read, all is finished. */
    public long nextWanted() {
        Long unread = open.ceiling(reached);
        return unread == null ? next : unread;
    }

    /** The lowest unfinished offset, or the next to read. */
    long mark() {
        return open.isEmpty() ? next : open.first();
    }

    int openCount() {
        return open.size();
    }

    /**
     * How many offsets lie between the mark and the last record read here. What an earlier owner left further ahead does not count: it
     * has to be read to be finished, so a partition that was full for it would stay full for ever.
     */
    long span() {
        return Math.max(0, reached - mark());
    }

    FinishedOffsets snapshot() {
        long mark = mark();
        if (highestDone < mark) {
            return FinishedOffsets.below(mark);
        }
        long[] unfinished =
                open.headSet(highestDone).stream().mapToLong(Long::longValue).toArray();
        return new FinishedOffsets(mark, highestDone, unfinished);
    }
}
