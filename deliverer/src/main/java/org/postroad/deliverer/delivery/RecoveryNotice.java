package org.postroad.deliverer.delivery;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Policy;

/**
 * A destination that was dead takes mail again: whoever keeps mail that waits for it may release a portion before it is due.
 *
 * @param destination as the router names it
 * @param sinceMillis when it recovered, in milliseconds since 1970: what was put off later waits as its schedule says
 * @param atMillis when this was said, in milliseconds since 1970
 * @param portion counts the portions that were called back of this recovery
 * @param records of each partition that keeps waiting mail, at most, in this portion
 */
public record RecoveryNotice(String destination, long sinceMillis, long atMillis, int portion, int records) {
    /** What is older says nothing any more: its mail has been called back, or was deferred again. */
    public static final Duration RECENT = Duration.ofMinutes(10);

    private static final String ASPECT = "recovered";
    private static final String SINCE = "since";
    private static final String PORTION = "portion";
    private static final String RECORDS = "records";
    private static final int MOST_RECORDS = 1_000;

    /** The key on the control topic. */
    public static String key(String destination) {
        return ASPECT + ":" + destination;
    }

    /** As it stands on the control topic. */
    public Policy policy() {
        Map<String, String> settings = Map.of(
                SINCE,
                Long.toString(sinceMillis),
                PORTION,
                Integer.toString(portion),
                RECORDS,
                Integer.toString(records));
        return new Policy(ASPECT, destination, settings, "", "", atMillis);
    }

    /** What such a record says; null when it is about something else. */
    public static @Nullable RecoveryNotice of(Policy policy) {
        if (!policy.getAspect().equals(ASPECT)) {
            return null;
        }
        int portion = (int) number(policy, PORTION);
        int records = (int) Math.min(MOST_RECORDS, number(policy, RECORDS));
        return new RecoveryNotice(policy.getSubject(), number(policy, SINCE), policy.getAt(), portion, records);
    }

    private static long number(Policy policy, String name) {
        try {
            return Long.parseLong(policy.getSettings().getOrDefault(name, "0"));
        } catch (NumberFormatException notOurs) {
            return 0;
        }
    }

    public boolean isRecent(long nowMillis) {
        return nowMillis - atMillis < RECENT.toMillis();
    }
}
