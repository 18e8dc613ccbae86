package org.postroad.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Partitions;
import org.postroad.schemas.Policy;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.Topic;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;
import org.postroad.testkit.ZoneDns;
import org.postroad.testkit.ZoneFault;

/** The whole router against a real broker and a real name server. */
@Tag("broker")
class RouterTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static EmbeddedBroker broker;
    private final KnownSchemas schemas = new KnownSchemas();

    @BeforeAll
    static void startBroker(@TempDir Path data) throws Exception {
        broker = EmbeddedBroker.start(data.resolve("kafka"), 0);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void routesBouncesAndKeepsWhatWaitsOverARestart(@TempDir Path state) throws Exception {
        Topics topics = created("whole.");
        KafkaSettings kafka = KafkaSettings.local(broker.bootstrapServers());
        try (ZoneDns dns = ZoneDns.start("$TTL 300\nx.test. MX 10 mx.x.test.\nslow.test. MX 10 mx.slow.test.\n")) {
            dns.fail("slow.test.", ZoneFault.Kind.SILENCE);
            RouterConfig config = config(state, dns);
            CollectorRegistry registry = new CollectorRegistry();
            try (Router router = Router.start(config, kafka, topics, schemas, registry)) {
                await("ready", router::isReady);
                send(
                        topics.inbound(),
                        new Codec<>(Envelope.class, schemas)
                                .encode(Mails.to("a@routed.example", "b@x.test", "c@slow.test")));
                send(
                        topics.failed(),
                        new Codec<>(Failure.class, schemas)
                                .encode(Mails.failure(
                                        Mails.to("gone@x.test"), FailureReason.BOUNCED, "Subject: x\r\n")));
                List<ConsumerRecord<byte[], byte[]>> out = read(topics.outbound(), 2);
                assertThat(deliveries(out)).extracting(Delivery::getDomain).contains("routed.example", "x.test");
                for (ConsumerRecord<byte[], byte[]> record : out) {
                    String destination = deliveries(List.of(record)).get(0).getDestination();
                    assertThat(record.partition())
                            .isEqualTo(Partitions.of(
                                    destination, 0, topics.outbound().partitions()));
                }
                assertThat(read(topics.events(), 2)).hasSize(2);
                assertThat(registry.getSampleValue("postroad_router_parked")).isGreaterThanOrEqualTo(1);
            }
            dns.heal("slow.test.");
            try (Router router = Router.start(config, kafka, topics, schemas, registry)) {
                // inbound's three shares and the bounce to origin.example, whose domain does not exist.
                List<Delivery> all = deliveries(read(topics.outbound(), 4));
                assertThat(all).hasSize(4);
                assertThat(routeOf(all, "routed.example")).isEqualTo(RouteKind.CONFIGURED);
                assertThat(routeOf(all, "x.test")).isEqualTo(RouteKind.MX);
                assertThat(routeOf(all, "slow.test")).isIn(RouteKind.MX, RouteKind.LOOKUP_FAILED);
                assertThat(router.isLive()).isTrue();
            }
        }
    }

    @Test
    void aPartitionWaitsForASchemaAndTheOthersGoOn(@TempDir Path state) throws Exception {
        Topics topics = created("newer.");
        KafkaSettings kafka = KafkaSettings.local(broker.bootstrapServers());
        Codec<Envelope> codec = new Codec<>(Envelope.class, new KnownSchemas());
        try (ZoneDns dns = ZoneDns.start("x.test. MX 10 mx.x.test.\n");
                Router router = Router.start(config(state, dns), kafka, topics, schemas, new CollectorRegistry())) {
            await("ready", router::isReady);
            send(topics.inbound(), 1, NewerEnvelopes.write(Mails.to("first@routed.example")));
            send(topics.inbound(), 1, codec.encode(Mails.to("second@routed.example")));
            send(
                    topics.failed(),
                    0,
                    NewerEnvelopes.write(
                            Mails.failure(Mails.to("gone@routed.example"), FailureReason.BOUNCED, "Subject: x\r\n")));
            for (int i = 0; i < 20; i++) {
                send(topics.inbound(), i % 2 * 2, codec.encode(Mails.to("other@routed.example")));
                send(topics.again(), i % 4, codec.encode(Mails.to("other@routed.example")));
            }
            // again-1 belongs to the task of inbound-1: it goes on too.
            assertThat(recipients(read(topics.outbound(), 40))).hasSize(40).containsOnly("other@routed.example");
            assertThat(router.isReady()).isTrue();
            assertThat(committed(kafka, topics, topics.inbound(), 1)).isZero();

            new ControlTopic(kafka, topics, new KnownSchemas())
                    .write(List.of(
                            new Policy("schema", "a", Map.of("schema", NewerEnvelopes.ENVELOPE.toString()), "", "", 0L),
                            new Policy(
                                    "schema", "b", Map.of("schema", NewerEnvelopes.FAILURE.toString()), "", "", 0L)));
            List<String> all = recipients(read(topics.outbound(), 42));
            assertThat(all).contains("first@routed.example", "second@routed.example");
            assertThat(read(topics.events(), 23)).isNotEmpty(); // 22 accepted, a bounce generated
            await("committed", () -> committed(kafka, topics, topics.inbound(), 1) == 2);
        }
    }

    private List<String> recipients(List<ConsumerRecord<byte[], byte[]>> records) throws Exception {
        return deliveries(records).stream()
                .map(delivery -> delivery.getEnvelope().getRecipients().get(0).getAddress())
                .toList();
    }

    private static long committed(KafkaSettings kafka, Topics topics, Topic topic, int partition) {
        try (Admin admin = Admin.create(kafka.admin("test"))) {
            return Objects.requireNonNull(admin.listConsumerGroupOffsets(topics.routerGroup())
                            .partitionsToOffsetAndMetadata()
                            .get()
                            .get(new TopicPartition(topic.name(), partition)))
                    .offset();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void stopsForGoodWhenAnOffsetIsMissing(@TempDir Path state) throws Exception {
        Topics topics = created("lost.");
        KafkaSettings kafka = KafkaSettings.local(broker.bootstrapServers());
        try (Admin admin = Admin.create(kafka.admin("test"))) {
            admin.deleteConsumerGroupOffsets(
                            topics.routerGroup(),
                            Set.of(new TopicPartition(topics.inbound().name(), 1)))
                    .all()
                    .get();
        }
        try (ZoneDns dns = ZoneDns.start("x.test. MX 10 mx.x.test.\n");
                Router router = Router.start(config(state, dns), kafka, topics, schemas, new CollectorRegistry())) {
            await("stopped", () -> !router.isLive());
            assertThat(router.isReady()).isFalse();
        }
    }

    private static RouterConfig config(Path state, ZoneDns dns) {
        return new RouterConfig(
                "mail.example",
                Set.of(),
                "postmaster@mail.example",
                List.of(dns.address()),
                List.of(Mails.route("routed.example", "relay.test")),
                List.of(),
                state,
                Duration.ofDays(1));
    }

    private static Topics created(String prefix) {
        Topics topics = new Topics(prefix, Topics.Size.STANDALONE, List.of(Duration.ofSeconds(30)), Duration.ofDays(5));
        try (TopicAdmin admin = new TopicAdmin(KafkaSettings.local(broker.bootstrapServers()), topics)) {
            admin.create();
        }
        return topics;
    }

    private static void send(Topic topic, byte[] value) throws Exception {
        send(topic, null, value);
    }

    private static void send(Topic topic, @Nullable Integer partition, byte[] value) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                KafkaSettings.local(broker.bootstrapServers()).producer("test"))) {
            producer.send(new ProducerRecord<byte[], byte[]>(topic.name(), partition, null, value))
                    .get();
        }
    }

    /** The committed records of a topic from its beginning, once there are so many. */
    private static List<ConsumerRecord<byte[], byte[]>> read(Topic topic, int count) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                KafkaSettings.local(broker.bootstrapServers()).consumer("test"))) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            await(count + " records in " + topic.name(), () -> {
                consumer.poll(Duration.ofMillis(50)).forEach(records::add);
                return records.size() >= count;
            });
        }
        return records;
    }

    private List<Delivery> deliveries(List<ConsumerRecord<byte[], byte[]>> records) throws Exception {
        List<Delivery> deliveries = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            deliveries.add(new Codec<>(Delivery.class, schemas).decode(record.value()));
        }
        return deliveries;
    }

    private static RouteKind routeOf(List<Delivery> deliveries, String domain) {
        return deliveries.stream()
                .filter(delivery -> delivery.getDomain().equals(domain))
                .findFirst()
                .orElseThrow()
                .getRoute()
                .getKind();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("never " + what);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }
}
