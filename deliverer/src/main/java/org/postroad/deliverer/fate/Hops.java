package org.postroad.deliverer.fate;

import java.time.Duration;
import java.util.List;

/**
 * Which tier mail waits in next, on its way to its due time.
 *
 * <p>Any due time is reached by hopping: the longest tier that still fits, then from its end again. A tier fits when it ends
 * no later than a little after the due time; the little (a tenth of the shortest tier) absorbs the moments that batching
 * and release take, so that five minutes are one hop of 5m and not, some milliseconds short of it, 1m four times, 30s
 * and so on. What is left and shorter than every tier waits a whole shortest tier. So mail is never early, and late by at most
 * one shortest tier. The alternative, a hop cut short by the due time in the envelope, would break the order by due time within a
 * topic, and one late head would then hide mail that is due behind it. The same little is allowed the other way: a hop that ends
 * just before the due time, because two nodes' clocks differ, waits for it in place.
 */
public final class Hops {
    private static final int LITTLE = 10;

    private final List<Duration> longestFirst;
    private final long littleMillis;

    public Hops(List<Duration> tiers) {
        this.longestFirst =
                tiers.stream().sorted(java.util.Comparator.reverseOrder()).toList();
        this.littleMillis = shortest().toMillis() / LITTLE;
    }

    /** The tier for mail due at that time; both in milliseconds since 1970. */
    public Duration next(long nowMillis, long dueMillis) {
        long fits = dueMillis - nowMillis + littleMillis;
        for (Duration tier : longestFirst) {
            if (tier.toMillis() <= fits) {
                return tier;
            }
        }
        return shortest();
    }

    /**
     * When a record leaves its tier; all in milliseconds since 1970.
     *
     * @param writtenMillis LogAppendTime: the broker's clock, so that a topic is in due order whatever its writers' clocks
     * @param dueMillis the envelope's
     */
    public long leaves(long writtenMillis, Duration tier, long dueMillis) {
        long end = writtenMillis + tier.toMillis();
        return dueMillis > end && dueMillis - end <= littleMillis ? dueMillis : end;
    }

    private Duration shortest() {
        return longestFirst.get(longestFirst.size() - 1);
    }
}
