package org.postroad.deploy.observer;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Span;
import org.postroad.deploy.operator.StoredEvent;
import org.postroad.deploy.operator.TopicScan;

/** The end of the events topic; each method blocks its caller. */
public final class EventTail {
    private static final Duration POLL = Duration.ofMillis(200);

    private EventTail() {}

    /** All that was written since an instant, in milliseconds since 1970; in order within a message. Returns how many fitted. */
    public static int since(Cluster cluster, long sinceMillis, EventFilter filter, Consumer<StoredEvent> reader) {
        Map<TopicPartition, Span> all =
                cluster.writtenSpans(cluster.topics().events().name());
        Map<TopicPartition, Span> spans = new HashMap<>();
        cluster.offsets(all.keySet(), OffsetSpec.forTimestamp(Math.max(0, sinceMillis)))
                .forEach((partition, offset) -> {
                    Span span = all.getOrDefault(partition, new Span(0, 0));
                    spans.put(partition, new Span(offset < 0 ? span.to() : offset, span.to()));
                });
        int[] found = {0};
        TopicScan.read(cluster.kafka(), spans, record -> found[0] += read(record, filter, reader));
        return found[0];
    }

    /** What comes from now on, until its thread is interrupted. */
    public static int follow(Cluster cluster, EventFilter filter, Consumer<StoredEvent> reader) {
        int found = 0;
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(cluster.kafka().consumer("postroad-follow"))) {
            List<TopicPartition> partitions =
                    cluster.partitions(List.of(cluster.topics().events().name()));
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    found += read(record, filter, reader);
                }
            }
        } catch (org.apache.kafka.common.errors.InterruptException ended) {
            return found;
        }
    }

    private static int read(ConsumerRecord<byte[], byte[]> record, EventFilter filter, Consumer<StoredEvent> reader) {
        StoredEvent event = record.value() == null ? null : StoredEvent.parse(record.value());
        if (event == null || !filter.fits(event)) {
            return 0;
        }
        reader.accept(event);
        return 1;
    }
}
