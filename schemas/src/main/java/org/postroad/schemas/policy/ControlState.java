package org.postroad.schemas.policy;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The policies that stand on the control topic, by key, as its records have said so far. Time is an argument: a policy that has ended is
 * forgotten, whoever takes its record away. Confined to its reader.
 */
final class ControlState {
    private final Map<String, StandingPolicy> standing = new HashMap<>();
    private Policies inForce = Policies.NONE;
    private boolean changed;
    private long nextEndMillis = Long.MAX_VALUE;

    /** The latest of a key; null when it was taken back, or when what it says now cannot be read. */
    void put(String key, @Nullable StandingPolicy policy) {
        StandingPolicy before = policy == null ? standing.remove(key) : standing.put(key, policy);
        changed |= policy == null ? before != null : !policy.equals(before);
    }

    /** What is in force now; the same object for as long as that is the same. */
    Policies inForce(long nowMillis) {
        if (changed || nowMillis >= nextEndMillis) {
            changed = false;
            standing.values().removeIf(policy -> !policy.isInForce(nowMillis));
            nextEndMillis = standing.values().stream()
                    .mapToLong(StandingPolicy::untilMillis)
                    .min()
                    .orElse(Long.MAX_VALUE);
            List<StandingPolicy> all = standing.values().stream()
                    .sorted(Comparator.comparingLong(StandingPolicy::atMillis).thenComparing(StandingPolicy::key))
                    .toList();
            inForce = all.equals(inForce.all()) ? inForce : new Policies(all);
        }
        return inForce;
    }
}
