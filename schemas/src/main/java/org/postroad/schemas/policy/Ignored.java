package org.postroad.schemas.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once of each policy that this node ignores, or of each part of it, why. Confined to the reader of the control topic. */
public final class Ignored {
    private static final Logger LOG = LoggerFactory.getLogger(Ignored.class);

    /** What was said longest ago is forgotten, and may be said again. */
    private static final int REMEMBERED = 1_000;

    private final Map<String, String> said = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Says it unless it was the last that was said of this key; returns whether it did. */
    public boolean say(String key, String why) {
        boolean news = !why.equals(said.put(key, why));
        if (news) {
            LOG.atWarn().addKeyValue("key", key).addKeyValue("why", why).log("ignored on the control topic");
        }
        return news;
    }
}
