package org.postroad.deploy.node;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.KafkaSettings;

/** When the first unhandled record of each topic came; confined to the main thread. */
final class OldestRecord implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final int POLLS = 4;

    private final KafkaSettings kafka;
    private @Nullable KafkaConsumer<byte[], byte[]> consumer;

    OldestRecord(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    /** Milliseconds since 1970 by topic, for those whose record could be read at once. */
    Map<String, Long> since(Map<TopicPartition, Long> marks) {
        Map<String, Long> since = new HashMap<>();
        if (marks.isEmpty()) {
            return since;
        }
        KafkaConsumer<byte[], byte[]> reader = consumer();
        reader.assign(marks.keySet());
        marks.forEach(reader::seek);
        for (int i = 0; i < POLLS && !reader.paused().containsAll(marks.keySet()); i++) {
            poll(reader, since);
        }
        reader.unsubscribe();
        return since;
    }

    private static void poll(KafkaConsumer<byte[], byte[]> reader, Map<String, Long> since) {
        try {
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                since.merge(record.topic(), record.timestamp(), Math::min);
                reader.pause(Set.of(new TopicPartition(record.topic(), record.partition())));
            }
        } catch (OffsetOutOfRangeException trimmed) {
            reader.pause(trimmed.partitions());
        }
    }

    /** Made when something waits for the first time; fetches as little as a broker gives. */
    private KafkaConsumer<byte[], byte[]> consumer() {
        KafkaConsumer<byte[], byte[]> made = consumer;
        if (made == null) {
            Map<String, Object> settings = kafka.consumer("postroad-oldest");
            settings.put("max.partition.fetch.bytes", 1);
            settings.put("default.api.timeout.ms", 5_000);
            made = new KafkaConsumer<>(settings);
            consumer = made;
        }
        return made;
    }

    @Override
    public void close() {
        if (consumer != null) {
            consumer.close();
        }
    }
}
