package org.postroad.deploy.operator;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Where everybody stood at one moment: the committed ends of all topics of ours and each group's committed offsets.
 *
 * @param ends of committed records
 * @param routed the router's marks on inbound, again and failed
 * @param delivered the deliverer's marks on outbound, with what it has finished above them
 * @param released the retry readers' marks on the retry topics and held
 */
public record Cut(
        Map<TopicPartition, Long> begins,
        Map<TopicPartition, Long> ends,
        Map<TopicPartition, OffsetAndMetadata> routed,
        Map<TopicPartition, OffsetAndMetadata> delivered,
        Map<TopicPartition, OffsetAndMetadata> released) {

    /** The whole of a topic. */
    public Map<TopicPartition, Span> all(String topic) {
        Map<TopicPartition, Span> spans = new HashMap<>();
        ends.forEach((partition, end) -> {
            if (partition.topic().equals(topic)) {
                spans.put(partition, new Span(begins.getOrDefault(partition, 0L), end));
            }
        });
        return spans;
    }

    /** What a group has not passed yet of a topic; all of it where the group never committed. */
    public Map<TopicPartition, Span> backlog(String topic, Map<TopicPartition, OffsetAndMetadata> marks) {
        Map<TopicPartition, Span> spans = new HashMap<>();
        all(topic).forEach((partition, span) -> {
            OffsetAndMetadata mark = marks.get(partition);
            long from = mark == null ? span.from() : Math.max(mark.offset(), span.from());
            spans.put(partition, new Span(from, span.to()));
        });
        return spans;
    }

    /** Whether nothing that counts moved between this cut and another. */
    public boolean isSameAs(Cut other) {
        return ends.equals(other.ends)
                && routed.equals(other.routed)
                && delivered.equals(other.delivered)
                && released.equals(other.released);
    }
}
