package org.postroad.router;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.WallclockTimestampExtractor;
import org.postroad.schemas.Caps;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.Topics;

/** The Streams settings that the promises and the latency rest on, each with its reason. */
final class StreamSettings {
    /** Tasks of one thread share lookups and one producer; more threads mean more transactions and more markers. */
    static final int THREADS = 1;

    private StreamSettings() {}

    /**
     * @param member this node's name in the group, the same after a restart
     */
    static Map<String, Object> of(RouterConfig config, KafkaSettings kafka, Topics topics, String member) {
        Map<String, Object> settings = new HashMap<>(kafka.client(topics.routerGroup()));
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, topics.routerGroup());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDirectory().toString());
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, THREADS);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 25);
        settings.put(StreamsConfig.POLL_MS_CONFIG, 10); // the default of 100 delays every commit
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, -1); // the cluster's
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, ParkedStoreMemory.class);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        // Every topic is LogAppendTime, so what this says of time ends here.
        settings.put(StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, WallclockTimestampExtractor.class);
        // Mail of inbound never waits for again, nor the other way round.
        settings.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
        consumer(settings, member);
        producer(settings);
        return settings;
    }

    private static void consumer(Map<String, Object> settings, String member) {
        main(settings, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        main(settings, ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        main(settings, ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1_000);
        main(settings, ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 * 1024 * 1024);
        main(settings, ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Caps.BATCH_OCTETS);
        // A node that was killed and is back takes its old place without waiting for a session to time out.
        main(settings, ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, member);
        main(settings, ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
        // Survivors hear with their next heartbeat that one is missing.
        main(settings, ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1_000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), "read_committed");
    }

    private static void producer(Map<String, Object> settings) {
        put(settings, ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
        put(settings, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 9_000);
        put(settings, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        // One commit's mail in one append, if it can be; with room for a batch of each of some 80 partitions.
        put(settings, ProducerConfig.BATCH_SIZE_CONFIG, 768 * 1024);
        put(settings, ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
        put(settings, ProducerConfig.LINGER_MS_CONFIG, 100);
        put(settings, ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        put(settings, ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Caps.BATCH_OCTETS);
    }

    private static void main(Map<String, Object> settings, String name, Object value) {
        settings.put(StreamsConfig.mainConsumerPrefix(name), value);
    }

    private static void put(Map<String, Object> settings, String name, Object value) {
        settings.put(StreamsConfig.producerPrefix(name), value);
    }
}
