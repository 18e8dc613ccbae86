package org.postroad.schemas.policy;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Says on each node what changed there, who decided it, why and until when. The log has these lines whatever its level is: who asks why
 * a node behaves otherwise since noon looks there.
 */
final class PolicyLog {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyLog.class);

    private PolicyLog() {}

    /**
     * Compares two snapshots.
     *
     * @param followed the aspects that this role puts in force; of others its neighbours speak
     * @param latest what stands of a key now, in force or not
     */
    static void say(
            Policies before,
            Policies now,
            Predicate<Aspect> followed,
            Function<String, @Nullable StandingPolicy> latest) {
        Map<String, StandingPolicy> gone = new HashMap<>();
        before.all().forEach(policy -> gone.put(policy.key(), policy));
        for (StandingPolicy policy : now.all()) {
            if (!policy.equals(gone.remove(policy.key())) && followed.test(policy.aspect())) {
                begins(policy);
            }
        }
        for (StandingPolicy policy : gone.values()) {
            if (followed.test(policy.aspect())) {
                ends(policy, latest.apply(policy.key()));
            }
        }
    }

    private static void begins(StandingPolicy policy) {
        LoggingEventBuilder line = LOG.atInfo()
                .addKeyValue("policy", policy.key())
                .addKeyValue("settings", new TreeMap<>(policy.settings()));
        if (policy.untilMillis() != Long.MAX_VALUE) {
            line = line.addKeyValue("until", Instant.ofEpochMilli(policy.untilMillis()));
        }
        line.addKeyValue("by", policy.by())
                .addKeyValue("reason", policy.reason())
                .log("a policy is in force");
    }

    private static void ends(StandingPolicy policy, @Nullable StandingPolicy latest) {
        LoggingEventBuilder line = LOG.atInfo().addKeyValue("policy", policy.key());
        if (latest != null && latest.isTakenBack()) {
            line = line.addKeyValue("by", latest.by()).addKeyValue("reason", latest.reason());
        }
        line.log("a policy is not in force any more");
    }
}
