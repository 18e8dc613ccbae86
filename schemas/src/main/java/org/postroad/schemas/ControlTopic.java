package org.postroad.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster's shared state: one compacted partition, so its last record of each key is the truth.
 *
 * <p>Writers publish their schemas before they first use them; a reader that meets an unknown one reads to the end, so a
 * rolling upgrade rejects nothing and needs no registry. Every method blocks: never call one on an event loop.
 */
public final class ControlTopic {
    private static final Logger LOG = LoggerFactory.getLogger(ControlTopic.class);
    private static final String SCHEMA = "schema";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final KafkaSettings kafka;
    private final TopicPartition partition;
    private final KnownSchemas schemas;

    public ControlTopic(KafkaSettings kafka, Topics topics, KnownSchemas schemas) {
        this.kafka = kafka;
        this.partition = new TopicPartition(topics.control().name(), 0);
        this.schemas = schemas;
    }

    /** Makes sure that every schema this node writes stands on the topic, and learns what others wrote. */
    public void publishSchemas() {
        Map<String, Policy> published = read();
        List<Policy> missing = KnownSchemas.ROOTS.stream()
                .map(ControlTopic::announcement)
                .filter(policy -> !published.containsKey(key(policy)))
                .toList();
        if (!missing.isEmpty()) {
            write(missing);
        }
    }

    /** Reads the topic to its end and adds every schema on it to the known ones. */
    public void learn() {
        read();
    }

    /** Writes state; returns when the cluster has it. */
    public void write(List<Policy> policies) {
        Codec<Policy> codec = new Codec<>(Policy.class, schemas);
        Map<String, byte @Nullable []> records = new LinkedHashMap<>();
        policies.forEach(policy -> records.put(key(policy), codec.encode(policy)));
        send(records);
    }

    /** Takes state back, by its keys, whether it is there or not; returns when the cluster has it. */
    public void remove(Collection<String> keys) {
        Map<String, byte @Nullable []> tombstones = new LinkedHashMap<>();
        keys.forEach(key -> tombstones.put(key, null));
        send(tombstones);
    }

    private void send(Map<String, byte @Nullable []> records) {
        Map<String, Object> settings = kafka.producer("postroad-control");
        settings.put("max.block.ms", PATIENCE.toMillis());
        settings.put("delivery.timeout.ms", (int) PATIENCE.toMillis());
        settings.put("request.timeout.ms", 10_000);
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(settings)) {
            for (Map.Entry<String, byte @Nullable []> record : records.entrySet()) {
                byte[] key = record.getKey().getBytes(UTF_8);
                producer.send(new ProducerRecord<>(partition.topic(), 0, key, record.getValue()))
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new UnreachableException("cannot write " + partition.topic() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while writing " + partition.topic(), e);
        }
    }

    /** The latest policy of each key. */
    public Map<String, Policy> read() {
        Map<String, byte[]> latest = new HashMap<>();
        forEachRecord((key, value) -> {
            if (value == null) {
                latest.remove(key);
            } else {
                latest.put(key, value);
            }
        });
        Codec<Policy> codec = new Codec<>(Policy.class, schemas);
        Map<String, Policy> policies = new HashMap<>();
        latest.forEach((key, value) -> {
            try {
                policies.put(key, codec.decode(value));
            } catch (UnknownSchemaException | NewerRecordException | UndecodableException e) {
                LOG.atWarn().addKeyValue("key", key).setCause(e).log("skipped unreadable control record");
            }
        });
        policies.values().forEach(schemas.ignored()::note);
        policies.values().forEach(policy -> learnFrom(policy, schemas));
        return policies;
    }

    /**
     * Adds the schema that a record publishes to the known ones; one that is none must not keep every node from starting.
     *
     * @return whether the record is about a schema
     */
    public static boolean learnFrom(Policy announced, KnownSchemas schemas) {
        if (!announced.getAspect().equals(SCHEMA)) {
            return false;
        }
        String text = announced.getSettings().getOrDefault(SCHEMA, "");
        try {
            if (!schemas.add(new Schema.Parser().parse(text))) {
                LOG.atWarn()
                        .addKeyValue("subject", announced.getSubject())
                        .log("a newer node writes records that this one cannot read: they wait");
            }
        } catch (AvroRuntimeException e) {
            LOG.atWarn()
                    .addKeyValue("subject", announced.getSubject())
                    .setCause(e)
                    .log("skipped a schema that is none");
        }
        return true;
    }

    private void forEachRecord(BiConsumer<String, byte[]> reader) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(kafka.consumer("postroad-control"))) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition), PATIENCE).getOrDefault(partition, 0L);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (consumer.position(partition, PATIENCE) < end) {
                if (System.nanoTime() - deadline > 0) {
                    throw new org.apache.kafka.common.errors.TimeoutException("no end of " + partition.topic());
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    reader.accept(new String(record.key(), UTF_8), record.value());
                }
            }
        } catch (KafkaException e) {
            throw new UnreachableException("cannot read " + partition.topic() + ": " + e.getMessage(), e);
        }
    }

    private static String key(Policy policy) {
        return policy.getAspect() + ":" + policy.getSubject();
    }

    private static Policy announcement(Schema schema) {
        String subject = schema.getName() + "-" + Long.toHexString(KnownSchemas.fingerprint(schema));
        // The instant of an announcement means nothing: the same schema must be the same record.
        return new Policy(SCHEMA, subject, Map.of(SCHEMA, schema.toString()), "", "", 0L);
    }
}
