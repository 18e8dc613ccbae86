package org.postroad.deploy.operator;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.UnreachableException;

/**
 * Reads committed records between offsets, every one once, in bounded memory; touches no group's offsets.
 *
 * <p>Blocks its caller, and gives up when nothing comes for 25 s.
 */
public final class TopicScan {
    /** A dead producer's transaction is aborted after its time limit of 10 s, at the next look, which may be 10 s later. */
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    /** Of a megabyte each at most; where an operator compresses, what was fetched may unfold to any multiple of itself. */
    private static final int POLL_RECORDS = 200;

    private static final Duration POLL = Duration.ofMillis(200);

    private TopicScan() {}

    /**
     * Reads all spans; what was deleted meanwhile is passed over.
     *
     * @return the partitions of which something was passed over
     */
    public static Set<TopicPartition> read(
            KafkaSettings kafka, Map<TopicPartition, Span> spans, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        Map<TopicPartition, Span> wanted = new HashMap<>(spans);
        wanted.values().removeIf(Span::isEmpty);
        if (wanted.isEmpty()) {
            return Set.of();
        }
        Map<String, Object> settings = kafka.consumer("postroad-scan");
        settings.put("max.poll.records", POLL_RECORDS);
        settings.put("max.partition.fetch.bytes", 4 * 1024 * 1024);
        settings.put("fetch.max.bytes", 16 * 1024 * 1024);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings)) {
            consumer.assign(wanted.keySet());
            wanted.forEach((partition, span) -> consumer.seek(partition, span.from()));
            return new Reading(consumer, wanted, reader, new HashSet<>()).toTheEnd();
        } catch (org.apache.kafka.common.errors.TimeoutException e) {
            throw new UnreachableException("no answer from " + kafka.bootstrapServers() + ": " + e.getMessage(), e);
        }
    }

    /** One pass over the spans that are left. */
    private record Reading(
            KafkaConsumer<byte[], byte[]> consumer,
            Map<TopicPartition, Span> wanted,
            Consumer<ConsumerRecord<byte[], byte[]>> reader,
            Set<TopicPartition> passedOver) {

        Set<TopicPartition> toTheEnd() {
            Set<TopicPartition> open = new HashSet<>(wanted.keySet());
            long progressAt = System.nanoTime();
            long passed = 0;
            while (!open.isEmpty()) {
                poll();
                long position = 0;
                for (Map.Entry<TopicPartition, Span> span : wanted.entrySet()) {
                    long at = consumer.position(span.getKey(), PATIENCE);
                    position += at;
                    if (at >= span.getValue().to() && open.remove(span.getKey())) {
                        consumer.pause(Set.of(span.getKey()));
                    }
                }
                if (position != passed) {
                    passed = position;
                    progressAt = System.nanoTime();
                } else if (System.nanoTime() - progressAt > PATIENCE.toNanos()) {
                    throw new org.apache.kafka.common.errors.TimeoutException("no records for " + PATIENCE);
                }
            }
            return passedOver;
        }

        private void poll() {
            try {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    Span span = wanted.get(new TopicPartition(record.topic(), record.partition()));
                    if (span != null && record.offset() < span.to()) {
                        reader.accept(record);
                    }
                }
            } catch (OffsetOutOfRangeException trimmed) {
                // A node trims what was handled: what is left begins later than when the cut was taken.
                passedOver.addAll(trimmed.partitions());
                consumer.seekToBeginning(trimmed.partitions());
            }
        }
    }
}
