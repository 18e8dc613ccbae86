package org.postroad.deliverer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deliverer.config.Source;
import org.postroad.deliverer.delivery.Dispatch;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ContentChunks;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;

/** One test's topics on a real broker, with the ends that the deliverer's neighbours hold. */
public final class Road implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    public final KafkaSettings kafka;
    public final Topics topics;
    public final KnownSchemas schemas = new KnownSchemas();
    public final CollectorRegistry metrics = new CollectorRegistry();
    private final KafkaProducer<byte[], byte[]> producer;
    private final Codec<Delivery> codec = new Codec<>(Delivery.class, schemas);

    public Road(String bootstrapServers, String prefix) {
        RetryConfig retry = retry();
        kafka = new KafkaSettings(bootstrapServers, prefix, Map.of(), false);
        topics = new Topics(prefix, Topics.Size.STANDALONE, retry.tiers(), retry.lifetime());
        try (TopicAdmin admin = new TopicAdmin(kafka, topics)) {
            admin.create();
        }
        new ControlTopic(kafka, topics, schemas).publishSchemas();
        producer = new KafkaProducer<>(kafka.producer("test"));
    }

    private static RetryConfig retry() {
        return new RetryConfig(
                List.of(Duration.ofSeconds(1), Duration.ofSeconds(3)),
                List.of(Duration.ofSeconds(1), Duration.ofSeconds(4)),
                Duration.ofDays(5));
    }

    public Deliverer deliverer(String instance, ScriptedDispatch dispatch) {
        return deliverer(instance, dispatch, Duration.ofSeconds(5));
    }

    public Deliverer deliverer(String instance, ScriptedDispatch dispatch, Duration drainLimit) {
        DelivererConfig config = config(drainLimit);
        CollectorRegistry own = instance.equals("one") ? metrics : new CollectorRegistry();
        own.clear();
        return Deliverer.start(
                config, kafka, topics, schemas, own, instance, (completions, lease, content, recoveries) -> {
                    Dispatch told = dispatch.completingTo(completions);
                    return told;
                });
    }

    /** The whole role, which speaks SMTP. */
    public Deliverer deliverer() {
        return Deliverer.start(config(Duration.ofSeconds(5)), kafka, topics, schemas, metrics, "one");
    }

    private static DelivererConfig config(Duration drainLimit) {
        return new DelivererConfig(
                25, List.of(new Source("default", "node.test", null)), List.of(), true, List.of(), retry(), drainLimit);
    }

    /** Puts one delivery onto outbound. */
    public void send(Delivery delivery) {
        send(0, codec.encode(delivery));
        producer.flush();
    }

    /** The same for many at once, spread over the partitions. */
    public void sendAll(List<Delivery> deliveries) {
        int partition = 0;
        for (Delivery delivery : deliveries) {
            send(partition++ % topics.outbound().partitions(), codec.encode(delivery));
        }
        producer.flush();
    }

    /** Writes content in chunks as ingress does. */
    public ContentRef write(ContentId id, byte[]... chunks) throws Exception {
        List<Long> offsets = new ArrayList<>();
        long size = 0;
        CRC32C crc = new CRC32C();
        for (int i = 0; i < chunks.length; i++) {
            byte[] key = ContentChunks.key(id, i);
            offsets.add(producer.send(new ProducerRecord<>(topics.content().name(), 2, key, chunks[i]))
                    .get(10, TimeUnit.SECONDS)
                    .offset());
            size += chunks[i].length;
            crc.update(chunks[i]);
        }
        return new ContentRef(id, 2, offsets, size, (int) crc.getValue());
    }

    /** Puts deliveries onto outbound, spread over its partitions. */
    public void send(long from, long to) {
        for (long i = from; i < to; i++) {
            send(
                    (int) (i % topics.outbound().partitions()),
                    codec.encode(Samples.delivery(
                            Samples.envelope(Samples.queueId(i), Samples.recipient("r" + i + "@b.test")))));
        }
        producer.flush();
    }

    public void send(int partition, byte[] value) {
        var unused = producer.send(
                new ProducerRecord<>(topics.outbound().name(), partition, "b.test".getBytes(UTF_8), value));
    }

    /** Every committed record of a topic. */
    public List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        return read(topic, Map.of());
    }

    /** How many records a topic has, with those of aborted transactions. */
    public int written(String topic) {
        return read(topic, Map.of("isolation.level", "read_uncommitted")).size();
    }

    private List<ConsumerRecord<byte[], byte[]>> read(String topic, Map<String, Object> instead) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        Map<String, Object> settings = new HashMap<>(kafka.consumer("test"));
        settings.putAll(instead);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                consumer.poll(Duration.ofMillis(50)).forEach(records::add);
            }
        }
        return records;
    }

    public List<JsonNode> events(String kind) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : read(topics.events().name())) {
            JsonNode event = new ObjectMapper().readTree(record.value());
            if (event.get("event").asText().equals(kind)) {
                events.add(event);
            }
        }
        return events;
    }

    public List<String> queueIds(String kind) throws IOException {
        return events(kind).stream().map(event -> event.get("queueId").asText()).toList();
    }

    /** Queue ids of this kind's events so far. */
    public List<String> committed(String kind) {
        try {
            return queueIds(kind);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public double metric(String name) {
        Double value = metrics.getSampleValue(name);
        return value == null ? 0 : value;
    }

    /** Polls until it is so. */
    public static void await(BooleanSupplier condition) {
        await(condition, PATIENCE);
    }

    public static void await(BooleanSupplier condition, Duration patience) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begun > patience.toNanos()) {
                throw new AssertionError("not within " + patience);
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
