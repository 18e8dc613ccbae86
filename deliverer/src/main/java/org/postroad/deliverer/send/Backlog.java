package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one destination, oldest first, and when what does not fit should come back: pure, time is an argument.
 *
 * <p>Overflowing mail returns when what waits before it will have left at the measured rate, each a little after the
 * other, so that a million of them come back as a stream. Of a destination that is dead it returns the later, the
 * longer it has been dead: each return costs a handful of records.
 */
final class Backlog<M> {
    /** Waiting messages of one destination; thousands keep any number of connections busy between two polls. */
    static final int RECORDS = 2_000;

    static final long OCTETS = 64L * 1024 * 1024;
    static final Duration SOONEST = Duration.ofSeconds(30);
    static final Duration LATEST = Duration.ofHours(4);

    /** Half of the weight of the measured rate is younger than about this many seconds. */
    private static final double RATE_SECONDS = 10;

    /** Assumed of a destination until it was measured while mail waited: guessing low would put healthy mail off for hours. */
    private static final double UNKNOWN_RATE = 20;

    private static final double SLOWEST_RATE = 1.0 / 60;

    private final ToIntFunction<M> octetsOf;
    private final ArrayDeque<M> waiting = new ArrayDeque<>();
    private long octets;
    private double perSecond;
    private double measuredSeconds;
    private long finishedSince;
    private long rateAt;
    private long drainedAt;

    Backlog(ToIntFunction<M> octetsOf, long now) {
        this.octetsOf = octetsOf;
        this.rateAt = now;
        this.drainedAt = now;
    }

    int size() {
        return waiting.size();
    }

    boolean isFull() {
        return waiting.size() >= RECORDS || octets >= OCTETS;
    }

    void add(M message) {
        waiting.addLast(message);
        octets += octetsOf.applyAsInt(message);
    }

    /** It was taken and comes back untouched: it keeps its turn. */
    void putBack(M message) {
        waiting.addFirst(message);
        octets += octetsOf.applyAsInt(message);
    }

    @Nullable
    M peek() {
        return waiting.peekFirst();
    }

    @Nullable
    M take() {
        M first = waiting.pollFirst();
        octets -= first == null ? 0 : octetsOf.applyAsInt(first);
        return first;
    }

    /** The newest, all but so many; they leave. In the order in which they came. */
    List<M> overflow(int keep) {
        ArrayDeque<M> newest = new ArrayDeque<>();
        while (waiting.size() > keep) {
            M last = waiting.removeLast();
            octets -= octetsOf.applyAsInt(last);
            newest.addFirst(last);
        }
        return List.copyOf(newest);
    }

    List<M> removeIf(Predicate<M> leaves) {
        List<M> left = new ArrayList<>();
        for (Iterator<M> all = waiting.iterator(); all.hasNext(); ) {
            M message = all.next();
            if (leaves.test(message)) {
                all.remove();
                octets -= octetsOf.applyAsInt(message);
                left.add(message);
            }
        }
        return left;
    }

    /** One message left for good, which is what the rate measures. */
    void finished() {
        finishedSince++;
    }

    /** Once a second or so. */
    void measure(long now) {
        double seconds = (now - rateAt) / 1e9;
        if (seconds < 1) {
            return;
        }
        if (waiting.isEmpty() || seconds > RATE_SECONDS) {
            finishedSince = 0; // it was idle, which says nothing of how fast it is
            rateAt = now;
            return;
        }
        measuredSeconds += seconds;
        double weight = 1 - Math.exp(-seconds / RATE_SECONDS);
        perSecond += weight * (finishedSince / seconds - perSecond);
        finishedSince = 0;
        rateAt = now;
    }

    /**
     * When a message that does not fit should come back.
     *
     * @param closedForNanos how long the destination has been dead, 0 when it is not
     */
    Duration dueIn(long now, long closedForNanos) {
        double rate = Math.max(perSecond, measuredSeconds < RATE_SECONDS ? UNKNOWN_RATE : SLOWEST_RATE);
        long drained = now + (long) (waiting.size() / rate * 1e9);
        drainedAt = Math.max(drainedAt, drained) + (long) (1e9 / rate);
        long due = Math.max(drainedAt - now, closedForNanos);
        if (due > LATEST.toNanos()) {
            drainedAt = now + LATEST.toNanos();
            return LATEST;
        }
        return Duration.ofNanos(Math.max(due, SOONEST.toNanos()));
    }
}
