package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which destinations have lately refused us in words about us: where several agree it is our source that is wrong, and the next
 * destination that says it is believed at once. Confined to one loop; time is an argument.
 */
final class SourceStanding {
    private static final Logger LOG = LoggerFactory.getLogger(SourceStanding.class);

    /** One may have a list of its own; three that agree read a common one. */
    static final int AGREEING = 3;

    static final long REMEMBERED_NANOS = Duration.ofHours(1).toNanos();
    private static final int ENTRIES = 1_000;

    private final Map<String, Long> refusedUntil = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > ENTRIES;
        }
    };
    private boolean alarmed;

    void refusedBy(String destination, String words, long now) {
        refusedUntil.put(destination, now + REMEMBERED_NANOS);
        if (isDoubted(now) && !alarmed) {
            alarmed = true;
            LOG.atError()
                    .addKeyValue("destination", destination)
                    .addKeyValue("reply", words)
                    .log("ALARM: {} destinations refuse our source; deferring instead of bouncing", AGREEING);
        }
    }

    void welcomedBy(String destination) {
        if (!refusedUntil.isEmpty()) {
            refusedUntil.remove(destination);
        }
    }

    boolean isDoubted(long now) {
        if (refusedUntil.size() < AGREEING) {
            alarmed = false;
            return false;
        }
        refusedUntil.values().removeIf(until -> now - until >= 0);
        alarmed &= refusedUntil.size() >= AGREEING;
        return refusedUntil.size() >= AGREEING;
    }
}
