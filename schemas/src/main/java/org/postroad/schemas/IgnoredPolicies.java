package org.postroad.schemas;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once of each aspect of the control topic, and of each setting, that this node ignores it, since only newer nodes know it.
 * Safe for all threads.
 */
public final class IgnoredPolicies {
    private static final Logger LOG = LoggerFactory.getLogger(IgnoredPolicies.class);

    /** What this version knows; no names where a setting may have any. */
    private static final Map<String, Set<String>> KNOWN =
            Map.of("schema", Set.of("schema"), "recovered", Set.of("since", "portion", "records"), "ledger", Set.of());

    /** More are ignored in silence: others may write to the topic. */
    private static final int MOST = 100;

    private final Set<String> said = ConcurrentHashMap.newKeySet();

    /** Looks at what was read; returns what it said of it. */
    public Set<String> note(Policy policy) {
        Set<String> news = new HashSet<>();
        Set<String> settings = KNOWN.get(policy.getAspect());
        if (settings == null) {
            add(policy.getAspect(), null, news);
        } else if (!settings.isEmpty()) {
            policy.getSettings().keySet().stream()
                    .filter(name -> !settings.contains(name))
                    .forEach(name -> add(policy.getAspect(), name, news));
        }
        return news;
    }

    private void add(String aspect, @Nullable String setting, Set<String> news) {
        String name = setting == null ? aspect : aspect + ":" + setting;
        if (said.size() < MOST && said.add(name)) {
            news.add(name);
            LOG.atWarn()
                    .addKeyValue("aspect", aspect)
                    .addKeyValue("setting", setting == null ? "" : setting)
                    .log("ignored on the control topic: only newer nodes know it");
        }
    }
}
