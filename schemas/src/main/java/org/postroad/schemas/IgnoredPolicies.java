package org.postroad.schemas;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once what this node ignores on the control topic: aspects and settings that it does not know, and policies that mean nothing.
 * Safe for all threads.
 */
public final class IgnoredPolicies {
    private static final Logger LOG = LoggerFactory.getLogger(IgnoredPolicies.class);

    /** What this version knows; no names where a setting may have any. */
    private static final Map<String, Set<String>> KNOWN = Map.of(
            "schema", Set.of("schema"),
            "recovered", Set.of("since", "portion", "records"),
            "ledger", Set.of(),
            "job", Set.of(),
            "limit", Set.of("connections", "messages-per-connection", "idle", "until"),
            "route", Set.of("to", "tls", "until"),
            "roll-up", Set.of("destination", "until"));

    /** More names are ignored in silence: others may write to the topic. */
    private static final int MOST = 100;

    /** After so many policies that mean nothing all are forgotten, and may be said again. */
    private static final int MOST_FAULTS = 1_000;

    private final Set<String> said = ConcurrentHashMap.newKeySet();
    private final Map<String, String> faults = new ConcurrentHashMap<>();

    /** Looks at what was read; returns what it said of it. */
    public Set<String> note(Policy policy) {
        Set<String> news = new HashSet<>();
        Set<String> settings = KNOWN.get(policy.getAspect());
        if (settings == null) {
            add(policy, null, news);
        } else if (!settings.isEmpty()) {
            policy.getSettings().keySet().stream()
                    .filter(name -> !settings.contains(name))
                    .forEach(name -> add(policy, name, news));
        }
        return news;
    }

    private void add(Policy policy, @Nullable String setting, Set<String> news) {
        String name = setting == null ? policy.getAspect() : policy.getAspect() + ":" + setting;
        if (said.size() < MOST && said.add(name)) {
            news.add(name);
            LOG.atWarn()
                    .addKeyValue("aspect", policy.getAspect())
                    .addKeyValue("setting", setting == null ? "" : setting)
                    .addKeyValue("subject", policy.getSubject())
                    .log("ignored on the control topic: this node does not know it, and a newer one may");
        }
    }

    /** Says why the policy of a key is ignored as a whole, unless that was the last that was said of it; returns whether it did. */
    public boolean say(String key, String why) {
        if (faults.size() >= MOST_FAULTS) {
            faults.clear();
        }
        boolean news = !why.equals(faults.put(key, why));
        if (news) {
            LOG.atWarn()
                    .addKeyValue("key", key)
                    .addKeyValue("why", why)
                    .log("a policy on the control topic is ignored");
        }
        return news;
    }
}
