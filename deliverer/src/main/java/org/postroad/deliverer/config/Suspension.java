package org.postroad.deliverer.config;

import java.time.Duration;
import java.time.Instant;
import org.postroad.schemas.policy.StandingPolicy;

/**
 * An operator wants nothing to be sent to a destination for now: its mail waits, untried and uncounted. Pure, time is an argument.
 *
 * @param why for the events
 * @param sinceMillis when it was decided, in milliseconds since 1970
 * @param untilMillis when it ends; {@link Long#MAX_VALUE} for one that somebody ends
 */
public record Suspension(String why, long sinceMillis, long untilMillis) {
    /** How the reason of every such event begins. */
    public static final String WORDS = "suspended by an operator";

    private static final Duration SOONEST = Duration.ofMinutes(1);

    /** Of a suspension that somebody ends, which mail waits before it looks again: as with an outage, a few records a mail. */
    private static final int PART = 3;

    /** Nobody waits longer for an end that no living node has told of. */
    private static final Duration LATEST = Duration.ofHours(1);

    static Suspension of(StandingPolicy policy) {
        String reason = policy.reason().isEmpty() ? "" : ": " + policy.reason();
        String end = policy.untilMillis() == Long.MAX_VALUE
                ? ""
                : " until " + Instant.ofEpochMilli(policy.untilMillis()).toString();
        String why = WORDS + end + reason;
        return new Suspension(why, policy.atMillis(), policy.untilMillis());
    }

    /** How long mail that comes now waits, unless it is called back before: until the end where that is known, an hour at most. */
    public Duration dueIn(long nowMillis) {
        long part = (nowMillis - sinceMillis) / PART;
        long wait = untilMillis == Long.MAX_VALUE ? Math.max(SOONEST.toMillis(), part) : untilMillis - nowMillis;
        return Duration.ofMillis(Math.max(1_000, Math.min(wait, LATEST.toMillis())));
    }
}
