package org.postroad.deliverer.fate;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.LastReply;

/**
 * When a recipient is tried next: the schedule's wait after so many attempts.
 *
 * <p>Without jitter on purpose: a wait that is not a tier would need further hops, and the moments at which attempts end spread
 * mail by themselves.
 */
public final class RetryPolicy {
    /**
     * An unforeseen exception, or content that cannot be read, is ours: soon enough to survive a bad moment, and in all long enough that
     * an hour without a content partition's leader sends nothing to be held.
     */
    private static final List<Duration> AFTER_FAULTS =
            List.of(Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(15), Duration.ofHours(1));

    /** After the first attempt that may have arrived. */
    private static final Duration AFTER_DOUBT = Duration.ofMinutes(30);

    private static final int AGES_AFTER_DOUBT = 3;

    /** Soon after an upgrade it leaves; long before one, it does not go round for nothing. */
    private static final Duration NEWER_SOONEST = Duration.ofMinutes(1);

    private static final Duration NEWER_LATEST = Duration.ofHours(1);
    private static final int NEWER_PART = 3;

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

    /**
     * The same by what was answered. The first greylisting has a short wait before the schedule begins: a receiver that waits for five
     * minutes has them all the same by the second attempt after it, and most wait for less.
     *
     * @param reply of this attempt
     * @param before the reply of the attempt before it; null for none
     */
    public long dueAfterReply(long nowMillis, int attempts, LastReply reply, @Nullable LastReply before) {
        boolean wasGreylisted = attempts > 1 && Greylisting.isSaidIn(before);
        long scheduled = dueAfterAttempt(nowMillis, wasGreylisted ? attempts - 1 : attempts);
        return attempts == 1 && Greylisting.isSaidIn(reply)
                ? Math.min(scheduled, nowMillis + Greylisting.FIRST_WAIT.toMillis())
                : scheduled;
    }

    /**
     * The same after an attempt that may have arrived: each further one may be a further copy. Three times the message's age, so that
     * it is four times as old at the next: an exchanger that takes all and never says so gets six copies in five days, the last at the
     * expiry, and a connection lost once costs half an hour.
     */
    public long dueAfterDoubt(long nowMillis, int attempts, long receivedMillis, long expiryMillis) {
        long ages = AGES_AFTER_DOUBT * Math.max(0, nowMillis - receivedMillis);
        long longer = nowMillis + Math.max(AFTER_DOUBT.toMillis(), ages);
        return Math.max(dueAfterAttempt(nowMillis, attempts), Math.min(longer, expiryMillis));
    }

    /**
     * The same of mail that is put off because only a newer node knows all that it says: a third of its age.
     *
     * @param acceptedMillis when the message was accepted
     */
    public long dueAtNewerNode(long nowMillis, long acceptedMillis) {
        long part = (nowMillis - acceptedMillis) / NEWER_PART;
        return nowMillis + Math.max(NEWER_SOONEST.toMillis(), Math.min(part, NEWER_LATEST.toMillis()));
    }

    /**
     * The same after a fault.
     *
     * @param faults so far, at least one
     */
    public long dueAfterFault(long nowMillis, int faults) {
        return nowMillis
                + AFTER_FAULTS.get(Math.min(faults, AFTER_FAULTS.size()) - 1).toMillis();
    }
}
