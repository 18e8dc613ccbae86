package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How many messages of one destination may be under way to one set of exchangers: pure, time is an argument.
 *
 * <p>It starts at two, or at a small part of what the operator allows, and opens by one for each message the exchanger
 * answered, which doubles it in a round trip; a throttle (421, 451) halves it, and from there it opens by one in a round
 * trip, as TCP does. It closes only on failures of the exchanger
 * itself. Postfix declares a site dead after three in a row and defers all its mail for 300 s; here a closed window
 * lets one message through, a probe, after a second and then at growing, jittered intervals, and one probe that is
 * answered opens it again.
 */
final class ConcurrencyWindow {
    static final int START = 2;

    /** Of a raised limit, at which two would take seconds more to open. */
    private static final int START_PART = 20;

    /** A window that doubled so lately is on its way to what its mail needs. */
    static final long OPENING_NANOS = Duration.ofSeconds(1).toNanos();

    /** A restart of the exchanger costs seconds, not minutes. */
    static final long FIRST_PROBE_NANOS = Duration.ofSeconds(1).toNanos();

    /** From this probe delay on a destination counts as dead: a restart of the exchanger is over by then. */
    static final long DEAD_PROBE_NANOS = Duration.ofSeconds(4).toNanos();

    /** So long a destination may be back unnoticed. */
    static final long LAST_PROBE_NANOS = Duration.ofSeconds(30).toNanos();

    /** Replies to one flight of messages count as one throttle. */
    static final long THROTTLE_NANOS = Duration.ofSeconds(1).toNanos();

    private int limit;
    private final RandomGenerator random;
    private double size;
    private double doubledFrom;
    private long doubledAt;
    private double fastUntil = Double.MAX_VALUE;
    private long lastThrottle;
    private boolean throttled;
    private boolean closed;
    private long closedAt;
    private long probeDelay;
    private long nextProbe;

    ConcurrencyWindow(int limit, RandomGenerator random, long now) {
        this.limit = limit;
        this.random = random;
        this.size = Math.min(Math.max(START, limit / START_PART), limit);
        this.doubledFrom = size;
        this.doubledAt = now;
    }

    /** What the operator allows from now on. What it has learned stays: to a raised limit it opens as before. */
    void limit(int now) {
        limit = now;
        size = Math.min(size, now);
        doubledFrom = Math.min(doubledFrom, size);
    }

    /** Messages that may be under way now. */
    int size(long now) {
        if (closed) {
            return now - nextProbe >= 0 ? 1 : 0;
        }
        return (int) size;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isDead() {
        return closed && probeDelay >= DEAD_PROBE_NANOS;
    }

    /** Whether what waits now is no measure yet: the exchanger takes what it gets, and is about to get more. */
    boolean isOpening(long now) {
        return !closed && size < Math.min(limit, fastUntil) && now - doubledAt < OPENING_NANOS;
    }

    /** Since when, of a closed window. */
    long closedForNanos(long now) {
        return closed ? now - closedAt : 0;
    }

    long probeDelayNanos() {
        return probeDelay;
    }

    /** When a closed window lets the next message through. */
    long nextProbeInNanos(long now) {
        return closed ? Math.max(0, nextProbe - now) : 0;
    }

    /** The exchanger answered a message, whatever it said of it. */
    void answered(long now) {
        if (closed) {
            closed = false;
            size = Math.min(START, limit);
            fastUntil = Double.MAX_VALUE;
            doubled(now);
            return;
        }
        size = Math.min(limit, size + (size < fastUntil ? 1 : 1 / size));
        if (size >= 2 * doubledFrom) {
            doubled(now);
        }
    }

    private void doubled(long now) {
        doubledFrom = size;
        doubledAt = now;
    }

    /** It may have meant us: slower. */
    void throttled(long now) {
        if (closed) {
            closed = false; // it answers again, and wants little
            size = 1;
        } else if (throttled && now - lastThrottle < THROTTLE_NANOS) {
            return;
        }
        throttled = true;
        lastThrottle = now;
        size = Math.max(1, size / 2);
        fastUntil = size;
    }

    /** The exchanger greets: whether it takes mail too, the next message finds out at once. */
    void greeted(long now) {
        nextProbe = closed ? now : nextProbe;
    }

    /** None of its addresses could be used. What was under way when it closed says nothing new when it fails too. */
    void failed(long now) {
        if (closed && now - nextProbe < 0) {
            return;
        }
        if (!closed && size >= 2) {
            size = size / 2;
            return;
        }
        probeDelay = closed ? Math.min(LAST_PROBE_NANOS, probeDelay * 2) : FIRST_PROBE_NANOS;
        closedAt = closed ? closedAt : now;
        closed = true;
        nextProbe = now + probeDelay / 2 + random.nextLong(probeDelay / 2 + 1);
    }

    /** It judges us and not our mail: probes only, from now on. */
    void suspend(long now) {
        size = 1;
        failed(now);
    }
}
