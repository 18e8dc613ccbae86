package org.postroad.deploy.operator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Where everybody stood: the ends of all topics of ours and each group's committed offsets.
 *
 * @param ends of what is read of each partition
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

    /** The same with later ends of some partitions. */
    public Cut reaching(Map<TopicPartition, Long> laterEnds) {
        Map<TopicPartition, Long> reached = new HashMap<>(ends);
        reached.putAll(laterEnds);
        return new Cut(begins, reached, routed, delivered, released);
    }

    /** The partitions of some topics. */
    public List<TopicPartition> partitions(Predicate<String> topic) {
        return ends.keySet().stream()
                .filter(partition -> topic.test(partition.topic()))
                .toList();
    }

    /** What was written to some topics since their ends were asked for earlier. */
    public Map<TopicPartition, Span> since(Map<TopicPartition, Long> earlierEnds, Predicate<String> topic) {
        Map<TopicPartition, Span> spans = new HashMap<>();
        partitions(topic)
                .forEach(partition -> spans.put(
                        partition,
                        new Span(
                                earlierEnds.getOrDefault(partition, begins.getOrDefault(partition, 0L)),
                                ends.getOrDefault(partition, 0L))));
        return spans;
    }
}
