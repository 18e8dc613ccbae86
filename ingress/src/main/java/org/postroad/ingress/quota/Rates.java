package org.postroad.ingress.quota;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The rates of one node. Each is a bucket that holds one time's amount and fills evenly, kept as the instant at which it is full again
 * (the generic cell rate algorithm); a full one need not be kept.
 *
 * <p>Shared by all event loops: a client's sessions are on any of them. Time is an argument, in nanoseconds.
 */
final class Rates {
    /** Beyond so many that are not full, new ones are not kept: whoever sends from so many places is not stopped by their rates. */
    static final int MOST = 100_000;

    private static final long SWEEP_NANOS = 1_000_000_000L;

    private final Map<String, Long> fullAt = new ConcurrentHashMap<>();
    private final AtomicLong sweptAt = new AtomicLong();

    /** Takes one of each, or of none; answers with one that is exhausted, or null. */
    @Nullable
    SenderLimit take(List<SenderLimit> limits, long now) {
        for (SenderLimit limit : limits) {
            Long full = fullAt.get(limit.key());
            if (full != null && full - now > mostAhead(limit.amount())) {
                return limit;
            }
        }
        for (SenderLimit limit : limits) {
            if (fullAt.size() >= MOST) {
                sweep(now);
            }
            if (fullAt.size() < MOST || fullAt.containsKey(limit.key())) {
                long interval = interval(limit.amount());
                fullAt.merge(limit.key(), now + interval, (old, fresh) -> later(old, now) + interval);
            }
        }
        return null;
    }

    int kept() {
        return fullAt.size();
    }

    private void sweep(long now) {
        long last = sweptAt.get();
        if ((last == 0 || now - last > SWEEP_NANOS) && sweptAt.compareAndSet(last, now)) {
            fullAt.values().removeIf(full -> full - now <= 0);
        }
    }

    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }

    /** One fills in this time. */
    static long interval(Amount amount) {
        return Math.max(1, amount.per().seconds * 1_000_000_000L / amount.count());
    }

    /** How far off it may be full, and still have one. */
    private static long mostAhead(Amount amount) {
        return interval(amount) * (amount.count() - 1);
    }
}
