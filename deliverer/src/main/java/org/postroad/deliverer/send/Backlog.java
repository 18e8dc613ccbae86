package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one destination, oldest first, and when what does not fit should come back: pure, time is an argument.
 *
 * <p>Overflowing mail returns when what waits before it will have left at the measured rate, each a little after the
 * other, so that a million of them come back as a stream. A destination that is dead has no rate: its mail returns the
 * later, the longer the destination has been dead, so that a long outage costs a few records a mail and a short one a
 * short wait. No wait is longer than the schedule's own for mail that had been tried since the trouble began.
 */
final class Backlog<M> {
    /** Waiting messages of one destination; thousands keep any number of connections busy between two polls. */
    static final int RECORDS = 2_000;

    static final long OCTETS = 64L * 1024 * 1024;
    static final Duration SOONEST = Duration.ofSeconds(30);

    /**
     * Of an outage, which mail waits out untried before it looks again: after five minutes for a hundred seconds. In five
     * days that is about as many returns as the usual schedule has attempts.
     */
    private static final int OUTAGE_PART = 3;

    /** Half of the weight of the measured rate is younger than about this many seconds. */
    private static final double RATE_SECONDS = 10;

    /** Assumed of a destination until it was measured while mail waited: guessing low would put healthy mail off for hours. */
    private static final double UNKNOWN_RATE = 20;

    private static final double SLOWEST_RATE = 1.0 / 60;

    private final ToIntFunction<M> octetsOf;
    private final List<Duration> schedule;
    private final Lanes<M> waiting;
    private long octets;
    private double perSecond;
    private double measuredSeconds;
    private long finishedSince;
    private long rateAt;
    private long drainedAt;
    private boolean overflowing;
    private long overflowingSince;

    /**
     * @param isLarge whether a message may have to wait while others go
     * @param schedule the wait after each attempt, the last repeated
     */
    Backlog(ToIntFunction<M> octetsOf, Predicate<M> isLarge, List<Duration> schedule, long now) {
        this.octetsOf = octetsOf;
        this.waiting = new Lanes<>(isLarge);
        this.schedule = List.copyOf(schedule);
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

    boolean hasLarge() {
        return waiting.hasLarge();
    }

    /** The oldest; without {@code largeToo} the oldest small one. */
    @Nullable
    M peek(boolean largeToo) {
        return waiting.peekFirst(largeToo);
    }

    /** The same, which leaves. */
    @Nullable
    M take(boolean largeToo) {
        M first = waiting.pollFirst(largeToo);
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
        List<M> left = waiting.removeIf(leaves);
        left.forEach(message -> octets -= octetsOf.applyAsInt(message));
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
        overflowing &= !waiting.isEmpty();
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
        if (closedForNanos > 0) {
            drainedAt = now;
            long due = Math.max(closedForNanos / OUTAGE_PART, SOONEST.toNanos());
            return Duration.ofNanos(Math.min(due, stepNanos(closedForNanos)));
        }
        if (!overflowing) {
            overflowing = true;
            overflowingSince = now;
        }
        double rate = Math.max(perSecond, measuredSeconds < RATE_SECONDS ? UNKNOWN_RATE : SLOWEST_RATE);
        long drained = now + (long) (waiting.size() / rate * 1e9);
        drainedAt = Math.max(drainedAt, drained) + (long) (1e9 / rate);
        long latest = stepNanos(now - overflowingSince);
        if (drainedAt - now > latest) {
            drainedAt = now + latest;
        }
        return Duration.ofNanos(Math.min(latest, Math.max(drainedAt - now, SOONEST.toNanos())));
    }

    /** Whatever overflows is back after that. */
    long longestWaitNanos() {
        return schedule.stream().mapToLong(Duration::toNanos).max().orElseThrow();
    }

    /** The wait that the schedule would have come to, had a message been tried since so long. */
    private long stepNanos(long sinceNanos) {
        long begins = 0;
        for (Duration step : schedule) {
            begins += step.toNanos();
            if (sinceNanos < begins) {
                return step.toNanos();
            }
        }
        return schedule.get(schedule.size() - 1).toNanos();
    }
}
