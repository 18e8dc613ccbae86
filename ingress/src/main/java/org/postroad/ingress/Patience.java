package org.postroad.ingress;

/**
 * How long a session may keep us waiting: RFC 5321 section 4.5.3.2.7 grants five minutes for a command, and content has to
 * arrive at a least rate, or a client that sends an octet now and then holds a session for ever.
 *
 * <p>Time is an argument, in nanoseconds. Only the client's time counts: while Kafka is awaited, the clock stands.
 */
final class Patience {
    static final long IDLE_NANOS = 300_000_000_000L;

    /** Postfix's smtpd_min_data_rate: 500 octets earn another second. */
    static final long NANOS_PER_OCTET = 1_000_000_000L / 500;

    /** A client that takes longer than this to send what fits a segment or two is slow. */
    private static final long WINDOW_NANOS = 5_000_000_000L;

    private static final long SLOW_OCTETS_PER_SECOND = 8 * 1024;

    private long deadline;
    private long contentDeadline;
    private long contentSeen;
    private boolean inContent;
    private long windowBegan;
    private long windowSeen;
    private boolean windowBeforeWasSlow;
    private boolean waiting;
    private long waitingSince;

    Patience(long now) {
        this.deadline = now + IDLE_NANOS;
    }

    /**
     * A whole command has come.
     *
     * @param withinContent it announced another part of the same content, whose least rate holds on
     */
    void command(long now, boolean withinContent) {
        deadline = now + IDLE_NANOS;
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
            contentDeadline = now + IDLE_NANOS;
        }
        contentDeadline += Math.max(0, seen - contentSeen) * NANOS_PER_OCTET;
        contentSeen = seen;
        deadline = now + IDLE_NANOS;
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
            deadline += now - waitingSince;
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
        return nanos > WINDOW_NANOS && contentSeen - windowSeen < nanos / 1_000_000_000L * SLOW_OCTETS_PER_SECOND;
    }

    /** Since when nothing has come. */
    long silentNanos(long now) {
        return now - (deadline - IDLE_NANOS);
    }

    /** How long until patience ends, if nothing comes before. */
    long left(long now) {
        if (waiting) {
            return IDLE_NANOS;
        }
        long first = inContent ? Math.min(deadline - now, contentDeadline - now) : deadline - now;
        return Math.max(0, first);
    }
}
