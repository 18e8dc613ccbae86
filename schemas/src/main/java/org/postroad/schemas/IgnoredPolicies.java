package org.postroad.schemas;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.slf4j.spi.NOPLoggingEventBuilder;

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
            "suspend", Set.of("until"),
            "hold", Set.of("until"),
            "route", Set.of("to", "tls", "until"),
            "roll-up", Set.of("destination", "until"),
            "protocol-log", Set.of("until"));

    /** More names are ignored in silence: others may write to the topic. */
    private static final int MOST = 100;

    /** After so many policies that mean nothing all are forgotten, and may be said again. */
    private static final int MOST_FAULTS = 1_000;

    private final boolean aloud;
    private final Set<String> said = ConcurrentHashMap.newKeySet();
    private final Map<String, String> faults = new ConcurrentHashMap<>();

    /** Says it in the log. */
    public IgnoredPolicies() {
        this(true);
    }

    private IgnoredPolicies(boolean aloud) {
        this.aloud = aloud;
    }

    /** For a command, which tells its operator itself: nothing is said in the log. */
    public static IgnoredPolicies untold() {
        return new IgnoredPolicies(false);
    }

    /** The settings that a policy about an aspect may have, by name; its end is one of them. */
    public static Set<String> settings(String aspect) {
        return KNOWN.getOrDefault(aspect, Set.of());
    }

    /** Why the policy of a key is ignored as a whole; null while nothing was said of it. */
    public @Nullable String why(String key) {
        return faults.get(key);
    }

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
            atWarn().addKeyValue("aspect", policy.getAspect())
                    .addKeyValue("setting", setting == null ? "" : setting)
                    .addKeyValue("subject", policy.getSubject())
                    .log("ignored on the control topic: this node does not know it, and a newer one may");
        }
    }

    /** Says why the policy of a key is ignored as a whole, unless that was the last that was said of it; returns whether it did. */
    public boolean say(String key, String why) {
        if (aloud && faults.size() >= MOST_FAULTS) {
            faults.clear();
        }
        boolean news = !why.equals(faults.put(key, why));
        if (news) {
            atWarn().addKeyValue("key", key).addKeyValue("why", why).log("a policy on the control topic is ignored");
        }
        return news;
    }

    private LoggingEventBuilder atWarn() {
        return aloud ? LOG.atWarn() : NOPLoggingEventBuilder.singleton();
    }
}
