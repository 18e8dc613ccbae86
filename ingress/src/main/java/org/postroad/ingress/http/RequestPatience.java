package org.postroad.ingress.http;

/**
 * How long a client may keep us waiting: for a whole head, however it drips, and for a body that comes at a least rate. While it waits
 * for us the clock stands. Time is an argument, in nanoseconds; pure.
 */
public final class RequestPatience {
    static final long SILENCE_NANOS = 60_000_000_000L;

    /** So many octets earn another second, as of SMTP's content. */
    static final int STREAMED_RATE = 500;

    /** The same of a body that is held whole until its end. */
    static final int GATHERED_RATE = 8 * 1024;

    /** Where memory is short. */
    private static final long SLOW_SILENCE_NANOS = 5_000_000_000L;

    private static final long SLOW_OCTETS_PER_SECOND = 8 * 1024;

    private long deadline;
    private long bodyDeadline = Long.MAX_VALUE;
    private long bodyBeganAt;
    private long nanosPerOctet;
    private long lastAt;
    private long seen;
    private boolean inBody;
    private boolean waiting;
    private long waitingSince;

    public RequestPatience(long now) {
        awaitHead(now);
    }

    /** A request may come. */
    public void awaitHead(long now) {
        deadline = now + SILENCE_NANOS;
        inBody = false;
        waiting = false;
    }

    /** Its body may come, by no less than so many octets a second. */
    public void awaitBody(long now, int leastRate) {
        nanosPerOctet = 1_000_000_000L / leastRate;
        deadline = now + SILENCE_NANOS;
        bodyDeadline = deadline;
        bodyBeganAt = now;
        lastAt = now;
        seen = 0;
        inBody = true;
        waiting = false;
    }

    /** So much of it has come. */
    public void came(long now, long octets) {
        deadline = now + SILENCE_NANOS;
        bodyDeadline += octets * nanosPerOctet;
        seen += octets;
        lastAt = now;
    }

    /** Whether the client waits for us from now on. */
    public void waiting(long now, boolean isWaiting) {
        if (isWaiting && !waiting) {
            waitingSince = now;
        } else if (waiting && !isWaiting) {
            deadline += now - waitingSince;
            bodyDeadline += now - waitingSince;
            bodyBeganAt += now - waitingSince;
            lastAt += now - waitingSince;
        }
        waiting = isWaiting;
    }

    /** How long until it ends, if nothing comes before. */
    public long left(long now) {
        if (waiting) {
            return SILENCE_NANOS;
        }
        return Math.max(0, inBody ? Math.min(deadline - now, bodyDeadline - now) : deadline - now);
    }

    /** Whether the memory of a body is better given to others. */
    public boolean isSlow(long now) {
        if (waiting || !inBody) {
            return false;
        }
        long nanos = now - bodyBeganAt;
        boolean dripping = nanos > SLOW_SILENCE_NANOS && seen < nanos / 1_000_000_000L * SLOW_OCTETS_PER_SECOND;
        return dripping || now - lastAt > SLOW_SILENCE_NANOS;
    }
}
