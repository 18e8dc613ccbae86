package org.postroad.deploy.operator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Policy;
import org.postroad.schemas.Topics;

/**
 * The balance brought forward: what each partition of the events adds up to below an offset, one record on the control topic, where
 * it outlives the events.
 *
 * <p>Whoever writes it has read the last one and every event since, and a sum is a function of its offset. So two that write at once
 * write the same or one less far, and one that is killed has written or has not.
 */
final class BroughtForward {
    private static final String ASPECT = "ledger";
    private static final String EVENTS = "events";
    private static final String WRITTEN_OFF = "written-off";
    private static final String DIFFERENCE = "difference";
    private static final String GAPS = "gaps";

    private final ControlTopic control;
    private final String events;

    /**
     * What stands on the control topic.
     *
     * @param writtenOff the difference that an operator knows of, in recipients
     * @param writtenOffGaps how many gaps in the events there were then
     */
    record Brought(Map<TopicPartition, EventSum> sums, long writtenOff, long writtenOffGaps) {}

    /** @param schemas learn what the control topic teaches, whenever it is read */
    BroughtForward(KafkaSettings kafka, Topics topics, KnownSchemas schemas) {
        this.control = new ControlTopic(kafka, topics, schemas);
        this.events = topics.events().name();
    }

    /** Blocks, at most some 20 s. */
    Brought read() {
        Map<String, Policy> policies = control.read();
        Map<TopicPartition, EventSum> sums = new HashMap<>();
        settings(policies, EVENTS).forEach((name, text) -> {
            EventSum sum = EventSum.parse(text);
            if (sum != null && name.matches("[0-9]{1,9}")) {
                sums.put(new TopicPartition(events, Integer.parseInt(name)), sum);
            }
        });
        Map<String, String> writtenOff = settings(policies, WRITTEN_OFF);
        return new Brought(
                sums,
                Long.parseLong(writtenOff.getOrDefault(DIFFERENCE, "0")),
                Long.parseLong(writtenOff.getOrDefault(GAPS, "0")));
    }

    private static Map<String, String> settings(Map<String, Policy> policies, String subject) {
        Policy policy = policies.get(ASPECT + ":" + subject);
        return policy == null ? Map.of() : policy.getSettings();
    }

    /** Writes sums that are ahead of what is written, if any; a partition's that are not stay as they are. Blocks, at most some 40 s. */
    void write(Map<TopicPartition, EventSum> sums, long nowMillis) {
        Map<TopicPartition, EventSum> last = read().sums();
        Map<TopicPartition, EventSum> next = new HashMap<>(last);
        sums.forEach((partition, sum) -> {
            if (sum.isAheadOf(last.get(partition))) {
                next.put(partition, sum);
            }
        });
        if (!next.equals(last)) {
            Map<String, String> settings = new TreeMap<>();
            next.forEach((partition, sum) -> settings.put(Integer.toString(partition.partition()), sum.text()));
            control.write(List.of(new Policy(ASPECT, EVENTS, settings, "", "", nowMillis)));
        }
    }

    /**
     * Remembers a difference that an operator knows of, in place of the one before. Blocks, at most some 20 s.
     *
     * @param gaps how many gaps in the events are known
     */
    void writeOff(long difference, long gaps, String reason, long nowMillis) {
        Map<String, String> settings = Map.of(DIFFERENCE, Long.toString(difference), GAPS, Long.toString(gaps));
        control.write(List.of(new Policy(ASPECT, WRITTEN_OFF, settings, reason, "", nowMillis)));
    }
}
