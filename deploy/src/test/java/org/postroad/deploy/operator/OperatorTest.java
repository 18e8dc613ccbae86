package org.postroad.deploy.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.Cause;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Event;
import org.postroad.schemas.Failure;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Parent;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;
import org.postroad.schemas.policy.Selector;
import org.postroad.testkit.NewerNode;

/** The ledger, traces and replays on topics written by hand, where every number is known. */
@Tag("broker")
class OperatorTest {
    private static final Selector ALL = Selector.of(Map.of("all", "true"));

    private final KnownSchemas schemas = new KnownSchemas();
    private final String queueId = new QueueIds(Clock.systemUTC(), new Random(5)).next();

    private static @Nullable EmbeddedBroker broker;
    private static int tests;

    private Topics topics;
    private KafkaSettings kafka;
    private Cluster cluster;
    private Producer<byte[], byte[]> producer;

    @BeforeAll
    static void startBroker(@TempDir Path directory) throws Exception {
        broker = EmbeddedBroker.start(directory, 0);
    }

    @AfterAll
    static void endBroker() {
        Objects.requireNonNull(broker).close();
    }

    /** Every test has topics of its own. */
    @BeforeEach
    void start() {
        String prefix = "test" + ++tests + ".";
        topics = new Topics(prefix, Topics.Size.STANDALONE, List.of(Duration.ofSeconds(1)), Duration.ofDays(1));
        kafka = new KafkaSettings(Objects.requireNonNull(broker).bootstrapServers(), prefix, Map.of(), false);
        try (TopicAdmin admin = new TopicAdmin(kafka, topics)) {
            admin.create();
        }
        cluster = new Cluster(kafka, topics);
        producer = new KafkaProducer<>(kafka.producer("test"));
    }

    @AfterEach
    void end() {
        producer.close();
        cluster.close();
    }

    @Test
    void everyPlaceThatMailCanBeInIsATermOfTheLedger() throws Exception {
        put(topics.inbound().name(), Mails.envelope(queueId, "in1@x.test", "in2@x.test"));
        event(Event.Kind.ACCEPTED, "a", "b", "c", "d", "e", "f", "g");
        event(Event.Kind.DELIVERED, "a", "b");
        event(Event.Kind.DEFERRED, "c");
        event(Event.Kind.FAILED, "d");
        event(Event.Kind.GENERATED, "sender");
        put(topics.retry(Duration.ofSeconds(1)).name(), Mails.envelope(queueId, "c"));
        put(topics.again().name(), Mails.envelope(queueId, "sender"));
        put(topics.held().name(), Mails.envelope(queueId, "e"));
        put(topics.outbound().name(), Mails.delivery(queueId, "f", "g"));

        Ledger.Balance balance = new Ledger(cluster, schemas, read -> {}).balance();

        assertThat(balance.terms()).isEqualTo(new Terms(9, 1, 0, 2, 1, 0, 1, 0, 3, 0, 2, 1));
        assertThat(balance.terms().isBalanced()).isTrue();
    }

    @Test
    void whatTheDelivererFinishedIsNotInFlight() throws Exception {
        put(topics.outbound().name(), Mails.delivery(queueId, "f"));
        put(topics.outbound().name(), Mails.delivery(queueId, "g", "h"));
        try (Admin admin = Admin.create(kafka.admin("test"))) {
            admin.alterConsumerGroupOffsets(
                            topics.delivererGroup(),
                            Map.of(new TopicPartition(topics.outbound().name(), 0), new OffsetAndMetadata(1)))
                    .all()
                    .get();
        }
        assertThat(new Ledger(cluster, schemas, read -> {}).balance().terms().outbound())
                .isEqualTo(2);
    }

    @Test
    void aLossIsFoundAndNotCalledMoving() throws Exception {
        event(Event.Kind.ACCEPTED, "a", "b");
        event(Event.Kind.DELIVERED, "a");
        Ledger.Balance balance = new Ledger(cluster, schemas, read -> {}).balance();
        assertThat(balance.terms().missing()).isEqualTo(1);
        assertThat(balance.moving()).isFalse();
    }

    @Test
    void aTraceHasTheEventsInOrderAndWhatIsLeft() throws Exception {
        event(Event.Kind.DELIVERED, "a");
        event(Event.Kind.ACCEPTED, "a", "c");
        put(topics.retry(Duration.ofSeconds(1)).name(), Mails.envelope(queueId, "c"));
        put(topics.retry(Duration.ofSeconds(1)).name(), Mails.envelope("OTHER", "z"));

        Story story = Story.of(queueId, cluster, schemas);

        assertThat(story.events()).extracting(StoredEvent::kind).containsExactly("accepted", "delivered");
        assertThat(story.waiting())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("waiting until ")
                .endsWith(": c");
        assertThat(Story.of("0" + queueId.substring(1, 25) + "Z", cluster, schemas)
                        .isEmpty())
                .isTrue();
    }

    @Test
    void aReplayIsWrittenOnceForEachDeadLetter() throws Exception {
        put(topics.failed().name(), Mails.failure("Q1", "x.test", "550 5.1.1 No such user", 1, "a@x.test", "b@x.test"));
        put(topics.failed().name(), Mails.failure("Q2", "y.test", "550 5.1.1 No such user", 1, "c@y.test"));
        Replay replay = new Replay(cluster, schemas, Clock.systemUTC(), 60_000, "mended");
        assertThat(replay.done()).isEmpty();
        List<Replay.DeadLetter> letters = new ArrayList<>();
        replay.select(ALL, letters::add);
        assertThat(letters).extracting(Replay.DeadLetter::source).containsExactly("failed-0-0", "failed-0-1");
        try (Replay.Writing writing = replay.write()) {
            letters.forEach(writing::add);
            writing.commit();
        }

        try (Replay.Writing next = replay.write()) {
            assertThat(replay.done())
                    .isEqualTo(Map.of("failed-0-0", Set.of("a@x.test", "b@x.test"), "failed-0-1", Set.of("c@y.test")));
        }
        List<Envelope> again = new ArrayList<>();
        new Waiting(cluster, cluster.cut(), schemas).onAgain(again::add);
        assertThat(again).extracting(Envelope::getGeneration).containsExactly(1, 1);
        assertThat(again).allSatisfy(envelope -> assertThat(envelope.getRecipients())
                .allSatisfy(recipient -> assertThat(recipient.getAttempts()).isZero()));
        assertThat(new Ledger(cluster, schemas, read -> {}).balance().terms())
                .isEqualTo(new Terms(0, 0, 3, 0, 0, 0, 0, 0, 3, 0, 0, 0));
    }

    @Test
    void anOpenTransactionHidesNoEarlierReplay() throws Exception {
        put(topics.failed().name(), Mails.failure("Q1", "x.test", "550 5.1.1 No such user", 1, "a@x.test"));
        Replay replay = new Replay(cluster, schemas, Clock.systemUTC(), 60_000, "");
        Map<String, Object> settings = kafka.transactionalProducer("dead", topics.transactionalId("dead"));
        settings.put("transaction.timeout.ms", 1_000);
        settings.put("delivery.timeout.ms", 1_000);
        settings.put("request.timeout.ms", 500);
        try (Producer<byte[], byte[]> dead = new KafkaProducer<>(settings)) {
            dead.initTransactions();
            dead.beginTransaction();
            dead.send(new ProducerRecord<>(topics.events().name(), 0, new byte[0], "{}".getBytes(UTF_8)))
                    .get();
            replayed(replay);

            try (Replay.Writing next = replay.write()) {
                assertThat(replay.done()).containsOnlyKeys("failed-0-0");
            }
        }
        replay.close();
    }

    @Test
    void aLaterReplayEndsAnEarlierOne() throws Exception {
        put(topics.failed().name(), Mails.failure("Q1", "x.test", "550 5.1.1 No such user", 1, "a@x.test"));
        Replay replay = new Replay(cluster, schemas, Clock.systemUTC(), 60_000, "");
        List<Replay.DeadLetter> letters = new ArrayList<>();
        replay.select(ALL, letters::add);
        try (Replay.Writing earlier = replay.write();
                Replay.Writing later = replay.write()) {
            letters.forEach(earlier::add);
            assertThatThrownBy(earlier::commit).isInstanceOf(SupersededException.class);
            letters.forEach(later::add);
            later.commit();
        }
        assertThat(new Ledger(cluster, schemas, read -> {}).balance().terms().replayed())
                .isEqualTo(1);
        replay.close();
    }

    @Test
    void aDeadLetterPastItsTimeIsNotReplayed() throws Exception {
        put(topics.failed().name(), Mails.failure("Q1", "x.test", "550 5.1.1 No such user", 1, "a@x.test"));
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(31));
        List<Replay.DeadLetter> letters = new ArrayList<>();
        try (Replay replay = new Replay(cluster, schemas, later, 60_000, "")) {
            replay.select(ALL, letters::add);
        }
        assertThat(letters).isEmpty();
    }

    @Test
    void anOffsetThatIsAboutToMoveIsTheOneBefore() throws Exception {
        TopicPartition outbound = new TopicPartition(topics.outbound().name(), 0);
        put(outbound.topic(), Mails.delivery(queueId, "f"));
        Map<String, Object> member = kafka.consumer("test");
        member.put("group.id", topics.delivererGroup());
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(member);
                Producer<byte[], byte[]> deliverer =
                        new KafkaProducer<>(kafka.transactionalProducer("test", topics.transactionalId("test")))) {
            deliverer.initTransactions();
            deliverer.beginTransaction();
            deliverer.sendOffsetsToTransaction(Map.of(outbound, new OffsetAndMetadata(1)), consumer.groupMetadata());

            for (Cut cut : List.of(cluster.cut(), cluster.laggingCut())) {
                assertThat(cut.delivered()).hasSize(topics.outbound().partitions());
                assertThat(cut.delivered().get(outbound)).isEqualTo(new OffsetAndMetadata(0));
            }
            deliverer.commitTransaction();
        }
        assertThat(cluster.cut().delivered().get(outbound)).isEqualTo(new OffsetAndMetadata(1));
    }

    @Test
    void aTraceShowsTheBounceThatIsOnItsWay() throws Exception {
        event(Event.Kind.ACCEPTED, "a");
        Envelope bounce = Mails.envelope("01BOUNCE000000000000000000", "sender@sender.test");
        bounce.put("parent", new Parent(queueId, Cause.BOUNCE));
        put(topics.again().name(), bounce);

        assertThat(Story.of(queueId, cluster, schemas).waiting())
                .containsExactly("bounce 01BOUNCE000000000000000000 due, not routed yet: sender@sender.test");
    }

    @Test
    void aReplayLeavesWhatOnlyANewerVersionKnowsAndSaysHowMany() throws Exception {
        NewerNode newer = new NewerNode(Failure.SCHEMA$);
        schemas.add(newer.schema());
        byte[] octets = new Codec<>(Failure.class, schemas)
                .encode(Mails.failure("Q1", "x.test", "550 5.1.1 No such user", 1, "a@x.test"));
        byte[] unpublished = newer.withFields(octets);
        unpublished[2] ^= 1; // of its schema's fingerprint
        for (byte[] value : List.of(
                newer.withFields(octets),
                newer.requiring(octets, "requires", "seal"),
                newer.withSymbol(octets, "reason"),
                unpublished)) {
            producer.send(new ProducerRecord<>(topics.failed().name(), 0, "key".getBytes(UTF_8), value))
                    .get();
        }
        List<Replay.DeadLetter> letters = new ArrayList<>();
        try (Replay replay = new Replay(cluster, schemas, Clock.systemUTC(), 60_000, "")) {
            assertThat(replay.select(ALL, letters::add)).isEqualTo(3);
        }
        assertThat(letters).extracting(Replay.DeadLetter::source).containsExactly("failed-0-0");
    }

    private static void replayed(Replay replay) {
        try (Replay.Writing writing = replay.write()) {
            replay.select(ALL, writing::add);
            writing.commit();
        }
    }

    private <T extends SpecificRecordBase> void put(String topic, T value) throws Exception {
        @SuppressWarnings("unchecked")
        Codec<T> codec = new Codec<>((Class<T>) value.getClass(), schemas);
        producer.send(new ProducerRecord<>(topic, 0, "key".getBytes(UTF_8), codec.encode(value)))
                .get();
    }

    private void event(Event.Kind kind, String... addresses) throws Exception {
        long at = kind == Event.Kind.ACCEPTED ? 1 : 2;
        byte[] json = Event.of(kind, at, Mails.envelope(queueId, addresses), Mails.recipients(addresses))
                .toJson();
        producer.send(new ProducerRecord<>(topics.events().name(), queueId.getBytes(UTF_8), json))
                .get();
    }
}
