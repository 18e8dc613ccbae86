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
    private static final String SUBJECT = "events";

    private final ControlTopic control;
    private final String events;

    /** @param schemas learn what the control topic teaches, whenever it is read */
    BroughtForward(KafkaSettings kafka, Topics topics, KnownSchemas schemas) {
        this.control = new ControlTopic(kafka, topics, schemas);
        this.events = topics.events().name();
    }

    /** Blocks, at most some 20 s. */
    Map<TopicPartition, EventSum> read() {
        Map<TopicPartition, EventSum> sums = new HashMap<>();
        Policy policy = control.read().get(ASPECT + ":" + SUBJECT);
        if (policy != null) {
            policy.getSettings().forEach((name, text) -> {
                EventSum sum = EventSum.parse(text);
                if (sum != null && name.matches("[0-9]{1,9}")) {
                    sums.put(new TopicPartition(events, Integer.parseInt(name)), sum);
                }
            });
        }
        return sums;
    }

    /** Writes sums that are ahead of what is written, if any; a partition's that are not stay as they are. Blocks, at most some 40 s. */
    void write(Map<TopicPartition, EventSum> sums, long nowMillis) {
        Map<TopicPartition, EventSum> last = read();
        Map<TopicPartition, EventSum> next = new HashMap<>(last);
        sums.forEach((partition, sum) -> {
            if (sum.isAheadOf(last.get(partition))) {
                next.put(partition, sum);
            }
        });
        if (!next.equals(last)) {
            Map<String, String> settings = new TreeMap<>();
            next.forEach((partition, sum) -> settings.put(Integer.toString(partition.partition()), sum.text()));
            control.write(List.of(new Policy(ASPECT, SUBJECT, settings, "", "", nowMillis)));
        }
    }
}
