package org.postroad.schemas.policy;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.postroad.schemas.Policy;

/**
 * One policy as it stands on the control topic, with who decided it and until when; immutable, other than the record that it is read from.
 *
 * @param settings without its end
 * @param atMillis when it was decided, in milliseconds since 1970
 * @param untilMillis when it ends, in milliseconds since 1970; {@link Long#MAX_VALUE} for one that stays
 */
public record StandingPolicy(
        Aspect aspect,
        String subject,
        Map<String, String> settings,
        String reason,
        String by,
        long atMillis,
        long untilMillis) {

    /** The setting that every policy may have. */
    public static final String UNTIL = "until";

    private static final long TAKEN_BACK = 0;

    public StandingPolicy {
        settings = Map.copyOf(settings);
    }

    /**
     * The policy of a record.
     *
     * @throws IllegalArgumentException with words for the operator if nobody can tell when it ends
     */
    public static StandingPolicy of(Aspect aspect, Policy record) {
        Map<String, String> settings = new HashMap<>(record.getSettings());
        String until = settings.remove(UNTIL);
        return new StandingPolicy(
                aspect,
                record.getSubject(),
                settings,
                record.getReason(),
                record.getBy(),
                record.getAt(),
                until == null ? Long.MAX_VALUE : millis(until));
    }

    private static long millis(String until) {
        try {
            return Instant.parse(until).toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    UNTIL + " " + until + ": wanted is an instant such as 2026-01-31T12:00:00Z", e);
        }
    }

    /** As a record of the control topic. */
    public Policy toRecord() {
        Map<String, String> all = new TreeMap<>(settings);
        if (untilMillis != Long.MAX_VALUE) {
            all.put(UNTIL, Instant.ofEpochMilli(untilMillis).toString());
        }
        return new Policy(aspect.word(), subject, all, reason, by, atMillis);
    }

    /** Its key on the control topic. */
    public String key() {
        return aspect.word() + ":" + subject;
    }

    /**
     * The record that takes it back: who did and why stays on the topic, as a tombstone would not. It ended at the beginning of time, so
     * that no node's clock keeps it.
     */
    public StandingPolicy takenBack(String why, String who, long nowMillis) {
        return new StandingPolicy(aspect, subject, settings, why, who, nowMillis, TAKEN_BACK);
    }

    /** Whether somebody ended it, other than time. */
    public boolean isTakenBack() {
        return untilMillis == TAKEN_BACK;
    }

    public boolean isInForce(long nowMillis) {
        return nowMillis < untilMillis;
    }
}
