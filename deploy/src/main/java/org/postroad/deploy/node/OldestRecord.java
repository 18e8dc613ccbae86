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
    private static final int POLLS = 100;

    /** Of a partition in which only transaction markers are left: no record waits there. */
    static final long NOTHING = Long.MAX_VALUE;

    private final KafkaSettings kafka;
    private @Nullable KafkaConsumer<byte[], byte[]> consumer;

    OldestRecord(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    /** Milliseconds since 1970 by topic, for those of which every partition's record could be read within 5 s. */
    Map<String, Long> since(Map<TopicPartition, Long> marks, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> read = new HashMap<>();
        if (marks.isEmpty()) {
            return Map.of();
        }
        KafkaConsumer<byte[], byte[]> reader = consumer();
        reader.assign(marks.keySet());
        marks.forEach(reader::seek);
        for (int i = 0; i < POLLS && !read.keySet().containsAll(marks.keySet()); i++) {
            poll(reader, read);
            for (TopicPartition partition : marks.keySet()) {
                if (!read.containsKey(partition)
                        && reader.position(partition) >= ends.getOrDefault(partition, Long.MAX_VALUE)) {
                    read.put(partition, NOTHING);
                }
            }
        }
        reader.unsubscribe();
        return oldest(marks.keySet(), read);
    }

    /** By topic; one with a partition that was not read has no figure, for the oldest may lie just there. */
    static Map<String, Long> oldest(Set<TopicPartition> asked, Map<TopicPartition, Long> read) {
        Map<String, Long> since = new HashMap<>();
        read.forEach((partition, at) -> since.merge(partition.topic(), at, Math::min));
        asked.stream()
                .filter(partition -> !read.containsKey(partition))
                .forEach(partition -> since.remove(partition.topic()));
        return since;
    }

    private static void poll(KafkaConsumer<byte[], byte[]> reader, Map<TopicPartition, Long> read) {
        try {
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                read.putIfAbsent(partition, record.timestamp());
                reader.pause(Set.of(partition));
            }
        } catch (OffsetOutOfRangeException trimmed) {
            reader.seekToBeginning(trimmed.partitions());
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
