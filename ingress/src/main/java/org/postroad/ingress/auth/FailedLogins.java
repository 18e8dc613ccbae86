package org.postroad.ingress.auth;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often somebody failed to log in of late, by whatever key; pure, time is an argument in nanoseconds. Confined to its event loop.
 *
 * <p>A failure weighs half after a while, so a guesser is slowed to a few guesses and one who mistyped is soon forgiven.
 */
public final class FailedLogins {
    private static final int MOST_KEYS = 10_000;
    private static final double HALF_LIFE_NANOS = 300e9;

    private final int most;
    private final Map<Object, Failures> byKey = new LinkedHashMap<>();

    private record Failures(double weight, long at) {
        double weightAt(long now) {
            return weight * Math.pow(0.5, (now - at) / HALF_LIFE_NANOS);
        }
    }

    /** @param most failures of one key before it is not heard any more */
    public FailedLogins(int most) {
        this.most = most;
    }

    public void failed(Object key, long now) {
        Failures before = byKey.remove(key);
        if (byKey.size() >= MOST_KEYS) {
            byKey.remove(byKey.keySet().iterator().next());
        }
        byKey.put(key, new Failures((before == null ? 0 : before.weightAt(now)) + 1, now));
    }

    public boolean isTooMany(Object key, long now) {
        Failures failures = byKey.get(key);
        return failures != null && failures.weightAt(now) > most - 1; // they fade while they are counted
    }
}
