package org.postroad.deliverer.commit;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.postroad.schemas.KafkaSettings;

/** The Kafka settings of the deliverer's clients, each with its reason. */
public final class ClientSettings {
    private static final int MEGABYTE = 1 << 20;

    /** What one poll of outbound may bring beyond a partition's limits. */
    static final int POLL_RECORDS = 500;

    /** How long a transaction may take at first: so long a killed node holds back the readers of what it wrote, were it alone. */
    public static final Duration TRANSACTION_LIMIT = Duration.ofSeconds(10);

    /** A cluster that takes longer for one transaction is not slow but ill. */
    private static final Duration LONGEST_TRANSACTION_LIMIT = Duration.ofSeconds(60);

    /** The least that brokers allow by default; who is silent for so long may have lost its partitions. */
    public static final Duration SESSION = Duration.ofSeconds(6);

    private ClientSettings() {}

    /** The limit after one that did not suffice: while Kafka is slow, a longer transaction is better than none. */
    static Duration longer(Duration limit) {
        Duration twice = limit.multipliedBy(2);
        return twice.compareTo(LONGEST_TRANSACTION_LIMIT) < 0 ? twice : LONGEST_TRANSACTION_LIMIT;
    }

    /** The member of the group that delivers; it reads nothing. */
    public static Map<String, Object> membership(
            KafkaSettings kafka, String clientId, String group, Duration drainLimit) {
        Map<String, Object> settings = member(kafka, clientId, group);
        // The callback that waits for what leaves runs inside poll.
        long interval = Math.max(300_000, 2 * drainLimit.toMillis() + 60_000);
        settings.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, Math.toIntExact(interval));
        return settings;
    }

    /** The reader of outbound: no member, and of the group only to ask for what it committed. */
    public static Map<String, Object> outboundReader(KafkaSettings kafka, String clientId, String group) {
        Map<String, Object> settings = kafka.consumer(clientId);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        settings.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, MEGABYTE);
        settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 * MEGABYTE);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS);
        return settings;
    }

    /** The member that releases waiting mail; it holds what it polled until that is due, so it polls little. */
    public static Map<String, Object> retryReader(KafkaSettings kafka, String clientId, String group) {
        Map<String, Object> settings = member(kafka, clientId, group);
        settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 * MEGABYTE);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 200);
        // A tier that an operator adds is read half a minute later, before anything in it is due.
        settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 15_000);
        return settings;
    }

    /** A reader without a group that looks through waiting mail beside the member that waits for it. */
    public static Map<String, Object> retryScan(KafkaSettings kafka, String clientId) {
        Map<String, Object> settings = kafka.consumer(clientId);
        settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 * MEGABYTE);
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, MEGABYTE);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS);
        return settings;
    }

    /** What it sends is a hint: late is useless. */
    public static Map<String, Object> recoveries(KafkaSettings kafka, String clientId) {
        Map<String, Object> settings = kafka.producer(clientId);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
        return settings;
    }

    /** A reader without a group, made for reading large records fast. */
    public static Map<String, Object> contentReader(KafkaSettings kafka, String clientId) {
        Map<String, Object> settings = kafka.consumer(clientId);
        settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 * MEGABYTE);
        // The most that is fetched in vain where small content lies between large.
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, MEGABYTE);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 100);
        settings.putIfAbsent(ConsumerConfig.RECEIVE_BUFFER_CONFIG, MEGABYTE);
        // What is wanted has been written: a fetch that waited at one partition's end would hold up those after it.
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 2);
        return settings;
    }

    /**
     * The same for large content, which lies among that of others: nothing is fetched but the batch that holds what is wanted. A
     * broker gives one batch whatever the limit; and a consumer that has not looked behind a batch's last record fetches
     * nothing more of that partition, so that it can be sent elsewhere first.
     */
    public static Map<String, Object> largeContentReader(KafkaSettings kafka, String clientId) {
        Map<String, Object> settings = contentReader(kafka, clientId);
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        return settings;
    }

    /**
     * A transactional producer whose calls block a consumer's thread for a moment only; whoever calls asks again for the same answer
     * between two polls, so this moment limits no commit.
     *
     * @param limit after which the broker aborts a transaction; half of it is waited for one answer before it is asked for again
     */
    public static Map<String, Object> outcomes(
            KafkaSettings kafka, String clientId, String transactionalId, Duration limit) {
        Map<String, Object> settings = kafka.transactionalProducer(clientId, transactionalId);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 200);
        int limitMillis = Math.toIntExact(limit.toMillis());
        settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, limitMillis);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, limitMillis - 1_000);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, limitMillis / 2);
        // Metadata forgotten after a quiet spell would make the next batch wait for it.
        settings.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, 86_400_000);
        return settings;
    }

    private static Map<String, Object> member(KafkaSettings kafka, String clientId, String group) {
        Map<String, Object> settings = kafka.consumer(clientId);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        // KIP-848 brokers allow no session under 45 s, and so long would a dead node's mail wait.
        settings.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, Math.toIntExact(SESSION.toMillis()));
        // Survivors hear with their next heartbeat that one is missing.
        settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1_000);
        settings.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, MEGABYTE);
        return settings;
    }
}
