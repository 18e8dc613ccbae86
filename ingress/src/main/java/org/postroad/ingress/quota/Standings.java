package org.postroad.ingress.quota;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop last heard of quotas that are nearly exhausted, so that MAIL and RCPT can be refused without asking. It may be too
 * much, since others use it too, and is never too little. Confined to its loop; time is an argument, in nanoseconds.
 */
final class Standings {
    /** Of what is left of a quota, more than one message can take is not worth knowing. */
    private static final long MOST_LEFT = 1_000;

    private static final int MOST = 10_000;

    private final Map<String, Known> byQuota = new LinkedHashMap<>();

    /**
     * What is known of one.
     *
     * @param endsAt when it ends, by the log's clock, for those who ask; milliseconds since 1970
     * @param endsNanos the same by ours
     */
    record Known(long left, long endsAt, long endsNanos) {}

    /** @param at when it was so, by the log's clock in milliseconds; a moment ago */
    void note(UsedQuotas.Standing standing, long at, long now) {
        String quota = standing.use().getQuota();
        byQuota.remove(quota);
        if (standing.left() < MOST_LEFT) {
            if (byQuota.size() >= MOST) {
                byQuota.remove(byQuota.keySet().iterator().next());
            }
            long endsNanos = now + (standing.endsAt() - at) * 1_000_000L;
            byQuota.put(quota, new Known(standing.left(), standing.endsAt(), endsNanos));
        }
    }

    /** Something of it was given back: nothing is known any more. */
    void forget(String quota) {
        byQuota.remove(quota);
    }

    /** Null when nothing is known that holds now. */
    @Nullable
    Known of(String quota, long now) {
        Known known = byQuota.get(quota);
        return known == null || known.endsNanos() - now <= 0 ? null : known;
    }
}
