package org.postroad.deliverer.retry;

import java.time.Duration;
import java.util.List;

/**
 * When a recipient is tried next: the schedule's wait after so many attempts.
 *
 * <p>Without jitter on purpose: a wait that is not a tier would need further hops, and the moments at which attempts end spread
 * mail by themselves.
 */
public final class RetryPolicy {
    /** An unforeseen exception is ours: soon enough to survive a bad moment, late enough not to spin on a bad message. */
    private static final Duration AFTER_FAULT = Duration.ofMinutes(1);

    private final List<Duration> schedule;

    public RetryPolicy(List<Duration> schedule) {
        if (schedule.isEmpty()) {
            throw new IllegalArgumentException("an empty retry schedule");
        }
        this.schedule = List.copyOf(schedule);
    }

    /**
     * Milliseconds since 1970 at which the next attempt is due.
     *
     * @param attempts real ones so far, at least one
     */
    public long dueAfterAttempt(long nowMillis, int attempts) {
        return nowMillis + schedule.get(Math.min(attempts, schedule.size()) - 1).toMillis();
    }

    public long dueAfterFault(long nowMillis) {
        return nowMillis + AFTER_FAULT.toMillis();
    }
}
