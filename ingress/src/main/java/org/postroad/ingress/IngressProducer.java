package org.postroad.ingress;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.TimeoutException;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UnreachableException;

/** The producer of an ingress node, whose {@code send} never holds up an event loop. */
final class IngressProducer {
    private static final Duration METADATA_PATIENCE = Duration.ofSeconds(10);

    /**
     * Longer than a leader election; shorter than the patience of clients that do not wait the ten minutes of RFC 5321 section 4.5.3.2.6:
     * one that gives up before it heard 451 sends again, and its mail doubles.
     */
    private static final Duration DELIVERY = Duration.ofMillis(9_500);

    /** Leaves time to ask another broker. */
    private static final int REQUEST_MILLIS = 4_500;

    /** More than the octets sessions may hold, since batches have slack. */
    private static final long BUFFER_OCTETS = 96L * 1024 * 1024;

    /** Some fifteen messages of 50 KiB: their sessions wait for one append. Below what a topic takes. */
    static final int BATCH_OCTETS = 768 * 1024;

    private IngressProducer() {}

    /** Opens it with the metadata it needs, so that no send has to wait for any. */
    static Producer<byte[], byte[]> open(KafkaSettings kafka, Topics topics) {
        Producer<byte[], byte[]> producer = new KafkaProducer<>(settings(kafka));
        try {
            partitions(producer, topics.inbound().name());
            partitions(producer, topics.content().name());
            partitions(producer, topics.quotas().name());
            partitions(producer, topics.requests().name());
            return producer;
        } catch (RuntimeException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    static int partitions(Producer<byte[], byte[]> producer, String topic) {
        long deadline = System.nanoTime() + METADATA_PATIENCE.toNanos();
        while (true) {
            try {
                return producer.partitionsFor(topic).size();
            } catch (TimeoutException e) {
                // Each call waits max.block.ms, and the metadata comes meanwhile.
                if (System.nanoTime() - deadline > 0) {
                    throw new UnreachableException("no metadata of topic " + topic, e);
                }
            }
        }
    }

    private static Map<String, Object> settings(KafkaSettings kafka) {
        Map<String, Object> settings = kafka.producer("postroad-ingress");
        // Keys are for those who read; spreading by key would make many small batches.
        settings.put(ProducerConfig.PARTITIONER_IGNORE_KEYS_CONFIG, "true");
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 1);
        settings.put(
                ProducerConfig.METADATA_MAX_IDLE_CONFIG, Duration.ofDays(3650).toMillis());
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) DELIVERY.toMillis());
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
        if (!kafka.properties().containsKey(ProducerConfig.BATCH_SIZE_CONFIG)) {
            settings.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_OCTETS);
        }
        settings.putIfAbsent(ProducerConfig.SEND_BUFFER_CONFIG, BATCH_OCTETS);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_OCTETS);
        return settings;
    }
}
