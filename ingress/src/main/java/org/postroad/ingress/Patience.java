package org.postroad.ingress;

/**
 * How long a session may keep us waiting: for a command, which by default has the five minutes of RFC 5321 section 4.5.3.2.7, and for
 * content, which has to arrive at a least rate, or a client that sends an octet now and then holds a session for ever.
 *
 * <p>Time is an argument, in nanoseconds. Only the client's time counts: while Kafka is awaited, the clock stands.
 */
final class Patience {
    /** A client that takes longer than this to send what fits a segment or two is slow. */
    private static final long WINDOW_NANOS = 5_000_000_000L;

    private static final long SLOW_OCTETS_PER_SECOND = 8 * 1024;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private final long commandNanos;
    private final long dataNanos;

    /** What an octet of content earns; 0 where no rate is asked for. */
    private final long nanosPerOctet;

    private long heardAt;
    private long contentDeadline;
    private long contentSeen;
    private boolean inContent;
    private long windowBegan;
    private long windowSeen;
    private boolean windowBeforeWasSlow;
    private boolean waiting;
    private long waitingSince;

    Patience(long now, ListenerLimits limits) {
        this.commandNanos = limits.commandTime().toNanos();
        this.dataNanos = limits.dataTime().toNanos();
        this.nanosPerOctet = limits.leastRate() == 0 ? 0 : SECOND_NANOS / limits.leastRate();
        this.heardAt = now;
    }

    /**
     * A whole command has come.
     *
     * @param withinContent it announced another part of the same content, whose least rate holds on
     */
    void command(long now, boolean withinContent) {
        heardAt = now;
        inContent &= withinContent;
    }

    /** Content has come, so many octets of this message in all, beginning with those of its first part. */
    void content(long now, long seen) {
        if (!inContent) {
            inContent = true;
            contentSeen = 0;
            windowBegan = now;
            windowSeen = 0;
            windowBeforeWasSlow = false;
            contentDeadline = now + dataNanos;
        }
        contentDeadline += Math.max(0, seen - contentSeen) * nanosPerOctet;
        contentSeen = seen;
        heardAt = now;
        if (now - windowBegan > WINDOW_NANOS) {
            windowBeforeWasSlow = isWindowSlow(now);
            windowBegan = now;
            windowSeen = seen;
        }
    }

    boolean isWaiting() {
        return waiting;
    }

    /** Whether the client waits for us from now on. */
    void waiting(long now, boolean isWaiting) {
        if (isWaiting && !waiting) {
            waitingSince = now;
        } else if (waiting && !isWaiting) {
            heardAt += now - waitingSince;
            contentDeadline += now - waitingSince;
            windowBegan += now - waitingSince;
        }
        waiting = isWaiting;
    }

    /**
     * Whether memory is better given to others: nothing has come for longer than {@code silence}, or content comes in drops of late,
     * however fast it began.
     */
    boolean isSlow(long now, long silence) {
        if (waiting) {
            return false;
        }
        return silentNanos(now) > silence || inContent && (windowBeforeWasSlow || isWindowSlow(now));
    }

    private boolean isWindowSlow(long now) {
        long nanos = now - windowBegan;
        return nanos > WINDOW_NANOS && contentSeen - windowSeen < nanos / SECOND_NANOS * SLOW_OCTETS_PER_SECOND;
    }

    /** Since when nothing has come. */
    long silentNanos(long now) {
        return now - heardAt;
    }

    /** Whether it has ended. */
    boolean hasEnded(long now) {
        return left(now) == 0;
    }

    /** When to look whether it has ended, from now: at its end if nothing comes before, and no later than the next one may be. */
    long lookIn(long now) {
        return Math.min(left(now), Math.min(commandNanos, dataNanos));
    }

    private long left(long now) {
        if (waiting) {
            return Math.max(commandNanos, dataNanos);
        }
        long end = heardAt + (inContent ? dataNanos : commandNanos) - now;
        return Math.max(0, inContent && nanosPerOctet > 0 ? Math.min(end, contentDeadline - now) : end);
    }
}
