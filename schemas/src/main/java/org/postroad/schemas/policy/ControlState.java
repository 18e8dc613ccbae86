package org.postroad.schemas.policy;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The policies that stand on the control topic, by key, as its records have said so far. Time is an argument: a policy that has ended is
 * not in force, whether or not somebody takes its record away. Confined to its reader.
 */
final class ControlState {
    private final Map<String, StandingPolicy> standing = new HashMap<>();
    private Policies inForce = Policies.NONE;
    private boolean changed;
    private long lookedAtMillis = Long.MIN_VALUE;
    private long nextEndMillis = Long.MAX_VALUE;

    /** The latest of a key; null when it was taken back, or when what it says now cannot be read. */
    void put(String key, @Nullable StandingPolicy policy) {
        StandingPolicy before = policy == null ? standing.remove(key) : standing.put(key, policy);
        changed |= policy == null ? before != null : !policy.equals(before);
    }

    /** What stands of a key, in force or not. */
    @Nullable
    StandingPolicy latest(String key) {
        return standing.get(key);
    }

    /** What is in force now; the same object for as long as that is the same. */
    Policies inForce(long nowMillis) {
        boolean setBack = nowMillis < lookedAtMillis; // the clock: what it ended may not have ended
        lookedAtMillis = nowMillis;
        if (changed || setBack || nowMillis >= nextEndMillis) {
            changed = false;
            List<StandingPolicy> all = standing.values().stream()
                    .filter(policy -> policy.isInForce(nowMillis))
                    .sorted(Comparator.comparingLong(StandingPolicy::atMillis).thenComparing(StandingPolicy::key))
                    .toList();
            nextEndMillis =
                    all.stream().mapToLong(StandingPolicy::untilMillis).min().orElse(Long.MAX_VALUE);
            inForce = all.equals(inForce.all()) ? inForce : new Policies(all);
        }
        return inForce;
    }
}
