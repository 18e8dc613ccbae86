package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.deliverer.Deliverer;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Ledger;
import org.postroad.deploy.operator.Mails;
import org.postroad.deploy.operator.Story;
import org.postroad.deploy.operator.TopicScan;
import org.postroad.router.Router;
import org.postroad.schemas.Cause;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Event;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Parent;
import org.postroad.schemas.Policy;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Ret;
import org.postroad.schemas.Routes;
import org.postroad.schemas.TlsPolicy;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;
import org.postroad.testkit.NewerNode;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/**
 * Newer nodes write into every topic of a running system: fields, symbols and kinds of routes that it does not know, and words that have
 * to be known. What may be ignored is delivered; the rest waits, uncounted and as it was written, until nodes come that know it.
 */
@Tag("long")
class NewerNodesTest {
    private static final NewerNode ENVELOPES = new NewerNode(Envelope.SCHEMA$);
    private static final NewerNode DELIVERIES = new NewerNode(Delivery.SCHEMA$);
    private static final NewerNode FAILURES = new NewerNode(Failure.SCHEMA$);
    private static final NewerNode POLICIES = new NewerNode(Policy.SCHEMA$);

    /** What newer nodes require, and know. */
    private static final String WORD = "seal";

    private final QueueIds queueIds = new QueueIds(Clock.systemUTC(), new Random(8));
    private final KnownSchemas today = new KnownSchemas();
    private final List<byte[]> toBeKept = new ArrayList<>();
    private final List<byte[]> toBePutOff = new ArrayList<>();
    private final Set<String> putOffIds = new HashSet<>();
    private String keptId = "";
    private final Set<String> deliverableNow = new TreeSet<>();
    private final Set<String> deliverableLater = new TreeSet<>();
    private Path directory;
    private EmbeddedBroker broker;
    private ScriptedExchanger exchanger;
    private Configuration configuration;
    private KafkaSettings kafka;
    private Topics topics;
    private Producer<byte[], byte[]> producer;
    private Cluster cluster;

    @BeforeEach
    void start(@TempDir Path given) throws Exception {
        directory = given;
        broker = EmbeddedBroker.start(directory.resolve("broker"), 0);
        exchanger = Road.exchanger(Script.accepting());
        Path file = Files.writeString(
                directory.resolve("postroad.yaml"), """
                node: {hostname: road.test}
                kafka: {bootstrap-servers: "%s"}
                router: {routes: [{domain: "*", to: ["127.0.0.1:%d"], tls: none}]}
                retry: {tiers: [1s, 2s], schedule: [1s, 2s], lifetime: 1h}
                """.formatted(broker.bootstrapServers(), exchanger.port()));
        configuration = Configuration.load(file, Map.of());
        kafka = configuration.kafka();
        topics = configuration.topics(Topics.Size.STANDALONE);
        try (TopicAdmin admin = new TopicAdmin(kafka, topics)) {
            admin.create();
        }
        producer = new KafkaProducer<>(kafka.producer("newer"));
        cluster = new Cluster(kafka, topics);
    }

    @AfterEach
    void end() {
        cluster.close();
        producer.close();
        exchanger.close();
        broker.close();
    }

    @Test
    void nothingIsRejectedBouncedOrLostAndAllIsDeliveredOnceTheNewerNodeIsThere() throws Exception {
        CollectorRegistry older = new CollectorRegistry();
        try (Router router = router(new KnownSchemas(), older);
                Deliverer deliverer = deliverer(new KnownSchemas(), older)) {
            publish();
            writeEverywhere(exchanger.port());
            olderNodesDeliverWhatTheyKnow(older);
            assertThat(router.isLive() && deliverer.isLive()).isTrue();
        }
        assertThat(parked()).as("kept as they were").containsExactlyInAnyOrderElementsOf(texts(toBeKept));
        assertThat(new HashSet<>(valuesOfTiers())).as("put off as they were").containsAll(texts(toBePutOff));

        CollectorRegistry newer = new CollectorRegistry();
        try (Router router = router(new KnownSchemas(Set.of(WORD)), newer);
                Deliverer deliverer = deliverer(new KnownSchemas(Set.of(WORD)), newer)) {
            newerNodesDeliverTheRest();
            assertThat(router.isLive() && deliverer.isLive()).isTrue();
        }
    }

    private void olderNodesDeliverWhatTheyKnow(CollectorRegistry metrics) throws Exception {
        Road.await(() -> received(), deliverableNow::equals);
        Road.await(
                () -> metrics.getSampleValue("postroad_router_newer_records"),
                kept -> kept != null && kept == toBeKept.size());
        Map<String, Integer> rounds = Road.await(
                () -> rounds(),
                found -> found.keySet().equals(putOffIds)
                        && found.values().stream().allMatch(count -> count >= 2));
        assertThat(rounds).hasSize(toBePutOff.size());
        nothingEndedBadly();
        Ledger.Balance balance = Road.await(
                () -> new Ledger(cluster, new KnownSchemas(), read -> {}).balance(), Ledger.Balance::isBalanced);
        // The failures among what is kept have ended already; only their bounces wait.
        int keptFailures = FAILURES.enumPlaces().size() + 2;
        assertThat(balance.terms().parked()).isEqualTo(toBeKept.size() - keptFailures);
        assertThat(balance.terms().inFlight()).isEqualTo(toBeKept.size() - keptFailures + toBePutOff.size());
        awaitTrace(putOffIds.iterator().next(), "waiting for a newer deliverer: ");
        awaitTrace(keptId, "waiting for a newer router: ");
    }

    private void awaitTrace(String queueId, String place) throws Exception {
        Road.await(
                () -> Story.of(queueId, cluster, new KnownSchemas()).waiting(),
                places -> places.size() == 1 && places.get(0).startsWith(place));
    }

    private void newerNodesDeliverTheRest() throws Exception {
        Set<String> all = new TreeSet<>(deliverableNow);
        all.addAll(deliverableLater);
        Road.await(() -> received(), all::equals);
        assertThat(exchanger.mails()).as("none twice").hasSize(all.size());
        nothingEndedBadly();
        events(event -> {
            if (event.contains("\"event\":\"delivered\"")) {
                assertThat(event).as("nothing was counted").contains("\"attempt\":1");
            }
        });
        Road.await(() -> new Ledger(cluster, new KnownSchemas(), read -> {}).balance(), Ledger.Balance::isBalanced);
    }

    private void nothingEndedBadly() {
        assertThat(values(topics.rejects().name())).isEmpty();
        assertThat(values(topics.held().name())).isEmpty();
        events(event -> assertThat(event)
                .doesNotContain("\"event\":\"rejected\"", "\"event\":\"held\"", "\"event\":\"deferred\"")
                .doesNotContain("\"reason\":\"bounced\"", "\"reason\":\"expired\""));
    }

    /** Of every kind of record one with each place of an enum, one with each requirement, and one with new fields only. */
    private void writeEverywhere(int port) throws Exception {
        String inbound = topics.inbound().name();
        String again = topics.again().name();
        String tier = topics.retries().get(0).name();
        for (String topic : List.of(inbound, again, tier)) {
            for (String place : ENVELOPES.enumPlaces()) {
                keep(topic, ENVELOPES.withSymbol(encoded(Envelope.class, mail(topic, "symbol." + place)), place));
            }
            Envelope later = mail(topic, "word");
            keep(topic, ENVELOPES.requiring(encoded(Envelope.class, later), "requires", WORD));
            deliverableLater.add(recipient(later));
            keptId = later.getQueueId();
            Envelope now = mail(topic, "fields");
            put(topic, ENVELOPES.withFields(encoded(Envelope.class, now)));
            deliverableNow.add(recipient(now));
        }
        String outbound = topics.outbound().name();
        for (String place : DELIVERIES.enumPlaces()) {
            Delivery delivery = delivery(mail(outbound, "symbol." + place), port);
            putOff(delivery, DELIVERIES.withSymbol(encoded(Delivery.class, delivery), place));
        }
        for (String place : List.of("route.requires", "envelope.requires")) {
            Delivery delivery = delivery(mail(outbound, "word." + place), port);
            putOff(delivery, DELIVERIES.requiring(encoded(Delivery.class, delivery), place, WORD));
            deliverableLater.add(recipient(delivery.getEnvelope()));
        }
        Delivery now = delivery(mail(outbound, "fields"), port);
        put(outbound, DELIVERIES.withFields(encoded(Delivery.class, now)));
        deliverableNow.add(recipient(now.getEnvelope()));
        writeFailures();
    }

    private void writeFailures() throws Exception {
        String failed = topics.failed().name();
        for (String place : FAILURES.enumPlaces()) {
            keep(failed, FAILURES.withSymbol(encoded(Failure.class, failure("symbol." + place)), place));
        }
        for (String place : List.of("requires", "envelope.requires")) {
            Failure later = failure("word." + place);
            keep(failed, FAILURES.requiring(encoded(Failure.class, later), place, WORD));
            deliverableLater.add(later.getEnvelope().getReversePath());
        }
        Failure now = failure("fields");
        put(failed, FAILURES.withFields(encoded(Failure.class, now)));
        deliverableNow.add(now.getEnvelope().getReversePath());
    }

    /** With something in every place where an enum stands; its acceptance is told where the router will not tell it. */
    private Envelope mail(String topic, String what) throws Exception {
        String address = topic.replace('.', '-') + "-" + what + "@there.test";
        Envelope mail = Mails.envelope(queueIds.next(), address);
        mail.put("recipients", List.of(new Recipient(address, List.of(Notify.FAILURE), null, 0, 0, null)));
        mail.put("ret", Ret.HDRS);
        mail.put("parent", new Parent("01JD0000000000000000000009", Cause.REPLAY));
        mail.put("expiry", System.currentTimeMillis() + 3_600_000);
        if (!topic.equals(topics.inbound().name())) {
            byte[] accepted =
                    Event.of(Event.Kind.ACCEPTED, 1, mail, mail.getRecipients()).toJson();
            put(topics.events().name(), accepted);
        }
        return mail;
    }

    private static Delivery delivery(Envelope mail, int port) {
        Exchanger exchanger = new Exchanger("127.0.0.1", 0, port, TlsPolicy.NONE);
        return new Delivery(
                mail, "there.test", "there.test", 0, Routes.configured(List.of(exchanger)), System.currentTimeMillis());
    }

    private Failure failure(String what) throws Exception {
        Envelope mail = mail(topics.failed().name(), what);
        mail.put("reversePath", "sender-" + what + "@home.test");
        put(
                topics.events().name(),
                Event.of(Event.Kind.FAILED, 1, mail, mail.getRecipients()).toJson());
        return new Failure(mail, "there.test", "there.test", FailureReason.BOUNCED, 1L, ByteBuffer.allocate(0), null);
    }

    private void keep(String topic, byte[] octets) throws Exception {
        toBeKept.add(octets);
        put(topic, octets);
    }

    private void putOff(Delivery delivery, byte[] octets) throws Exception {
        toBePutOff.add(octets);
        putOffIds.add(delivery.getEnvelope().getQueueId());
        put(topics.outbound().name(), octets);
    }

    private void put(String topic, byte[] value) throws Exception {
        producer.send(new ProducerRecord<>(topic, "there.test".getBytes(UTF_8), value))
                .get();
    }

    private <T extends SpecificRecordBase> byte[] encoded(Class<T> type, T value) {
        return new Codec<>(type, today).encode(value);
    }

    private static String recipient(Envelope mail) {
        return mail.getRecipients().get(0).getAddress();
    }

    /** As newer nodes do before they write, with a policy of theirs beside. */
    private void publish() throws Exception {
        List<Policy> policies = new ArrayList<>();
        for (NewerNode newer : List.of(ENVELOPES, DELIVERIES, FAILURES, POLICIES)) {
            Schema schema = newer.schema();
            String fingerprint = Long.toHexString(SchemaNormalization.parsingFingerprint64(schema));
            policies.add(new Policy(
                    "schema", schema.getName() + "-" + fingerprint, Map.of("schema", schema.toString()), "", "", 0L));
        }
        policies.add(new Policy("source-pool", "marketing", Map.of("addresses", "192.0.2.1"), "", "", 1L));
        new ControlTopic(kafka, topics, today).write(policies);
        Policy limit = new Policy("limit", "there.test", Map.of("burst", "7"), "", "", 1L);
        byte[] octets = POLICIES.withFields(encoded(Policy.class, limit));
        producer.send(new ProducerRecord<>(topics.control().name(), 0, "limit:there.test".getBytes(UTF_8), octets))
                .get();
    }

    private Router router(KnownSchemas schemas, CollectorRegistry metrics) {
        return Router.start(configuration.router(directory.resolve("state")), kafka, topics, schemas, metrics);
    }

    private Deliverer deliverer(KnownSchemas schemas, CollectorRegistry metrics) {
        return Deliverer.start(configuration.deliverer(), kafka, topics, schemas, metrics);
    }

    private Set<String> received() {
        Set<String> received = new TreeSet<>();
        for (ReceivedMail mail : exchanger.mails()) {
            received.addAll(mail.recipientAddresses());
        }
        return received;
    }

    /** How often each message was put off. */
    private Map<String, Integer> rounds() {
        Map<String, Integer> rounds = new HashMap<>();
        events(event -> putOffIds.stream()
                .filter(id -> event.contains(id) && event.contains("\"event\":\"overflowed\""))
                .forEach(id -> rounds.merge(id, 1, Integer::sum)));
        return rounds;
    }

    private void events(Consumer<String> reader) {
        read(topics.events().name(), record -> reader.accept(new String(record.value(), UTF_8)));
    }

    /** What stands on a topic, each as text that can be compared. */
    private List<String> values(String topic) {
        List<String> all = new ArrayList<>();
        read(topic, record -> all.add(text(record.value())));
        return all;
    }

    /** What the router's stores hold. */
    private List<String> parked() {
        Map<String, String> latest = new HashMap<>();
        read(topics.parkedChangelog().name(), record -> {
            String key = record.partition() + text(record.key());
            if (record.value() == null) {
                latest.remove(key);
            } else {
                latest.put(key, text(record.value()));
            }
        });
        return List.copyOf(latest.values());
    }

    private List<String> valuesOfTiers() {
        List<String> all = new ArrayList<>();
        topics.retries().forEach(tier -> all.addAll(values(tier.name())));
        return all;
    }

    private void read(String topic, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        TopicScan.read(kafka, cluster.committedSpans(topic), reader);
    }

    private static List<String> texts(List<byte[]> values) {
        return values.stream().map(NewerNodesTest::text).toList();
    }

    private static String text(byte[] octets) {
        return java.util.HexFormat.of().formatHex(octets);
    }
}
