package org.postroad.schemas;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One row of the topic table.
 *
 * @param name the full name, prefix included
 * @param partitions for ever: they decide which node owns a destination
 * @param retention how long records are kept; null: until they were handled, and then trimmed by {@code deleteRecords}
 * @param compacted the latest record of each key is kept for ever
 */
public record Topic(String name, int partitions, @Nullable Duration retention, boolean compacted) {

    /** The settings that protect mail; weaker ones stop a node from starting. */
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("cleanup.policy", compacted ? "compact" : "delete");
        settings.put("retention.ms", retention == null ? "-1" : Long.toString(retention.toMillis()));
        settings.put("retention.bytes", "-1");
        settings.put("message.timestamp.type", "LogAppendTime");
        settings.put("max.message.bytes", Integer.toString(Caps.BATCH_OCTETS));
        settings.put("compression.type", "producer");
        return settings;
    }
}
