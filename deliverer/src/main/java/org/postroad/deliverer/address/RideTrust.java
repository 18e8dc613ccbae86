package org.postroad.deliverer.address;

import java.time.Duration;

/**
 * Whether a message may ride in the flight of another's dot (RFC 2920 section 3.1): pure, time is an argument.
 *
 * <p>It is legal and one round trip cheaper, and some proxies and appliances fail at it; so an exchanger's address
 * earns it by clean messages, and one odd reply costs it a day.
 */
public final class RideTrust {
    public static final int CLEAN_MESSAGES = 20;
    public static final long PENALTY_NANOS = Duration.ofDays(1).toNanos();

    private int clean;
    private boolean barred;
    private long barredUntil;

    public void clean() {
        clean = Math.min(clean + 1, CLEAN_MESSAGES);
    }

    public void odd(long now) {
        clean = 0;
        barred = true;
        barredUntil = now + PENALTY_NANOS;
    }

    public boolean isAllowed(long now) {
        return clean >= CLEAN_MESSAGES && !isBarred(now);
    }

    private boolean isBarred(long now) {
        barred = barred && now - barredUntil < 0;
        return barred;
    }
}
