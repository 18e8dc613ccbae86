package org.postroad.deploy.node;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deploy.operator.Cut;

/**
 * How far each topic that mail waits in may be deleted: up to its group's committed mark and never beyond.
 *
 * <p>Such topics have no retention by time, which would delete mail that nobody has handled.
 */
final class Trim {
    /** Deleting is a write for every replica: not worth it for a few records. */
    static final long WORTHWHILE = 1_000;

    private final Set<String> kept;
    private final Map<TopicPartition, Long> trimmed = new HashMap<>();

    /** @param kept topics that others read later, which time alone trims */
    Trim(Set<String> kept) {
        this.kept = kept;
    }

    /**
     * The offset before which each partition may go, for those where it is worth it.
     *
     * @param marks of the partitions that this node may trim
     */
    Map<TopicPartition, Long> due(Cut cut, Map<TopicPartition, OffsetAndMetadata> marks) {
        Map<TopicPartition, Long> due = new HashMap<>();
        marks.forEach((partition, mark) -> {
            Long begin = cut.begins().get(partition);
            if (begin == null || kept.contains(partition.topic())) {
                return;
            }
            long from = Math.max(begin, trimmed.getOrDefault(partition, 0L));
            if (mark.offset() - from >= WORTHWHILE) {
                due.put(partition, mark.offset());
            }
        });
        return due;
    }

    /** Remembers what was deleted, so that the next turn does not ask again. */
    void done(Map<TopicPartition, Long> offsets) {
        trimmed.putAll(offsets);
    }
}
