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
import org.postroad.schemas.Parent;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.policy.Selector;
import org.postroad.testkit.NewerNode;

/** The ledger, traces and replays on topics written by hand, where every number is known. */
@Tag("broker")
class OperatorTest {
    private static final Selector ALL = Selector.of(Map.of("all", "true"));

    private final String queueId = new QueueIds(Clock.systemUTC(), new Random(5)).next();

    private static @Nullable EmbeddedBroker broker;
    private static int tests;

    private WrittenTopics road;

    @BeforeAll
    static void startBroker(@TempDir Path directory) throws Exception {
        broker = EmbeddedBroker.start(directory, 0);
    }

    @AfterAll
    static void endBroker() {
        Objects.requireNonNull(broker).close();
    }

    @BeforeEach
    void start() {
        road = new WrittenTopics(Objects.requireNonNull(broker), "test" + ++tests + ".");
    }

    @AfterEach
    void end() {
        road.close();
    }

    @Test
    void everyPlaceThatMailCanBeInIsATermOfTheLedger() throws Exception {
        road.put(road.topics.inbound().name(), Mails.envelope(queueId, "in1@x.test", "in2@x.test"));
        road.event(Event.Kind.ACCEPTED, queueId, "a", "b", "c", "d", "e", "f", "g");
        road.event(Event.Kind.DELIVERED, queueId, "a", "b");
        road.event(Event.Kind.DEFERRED, queueId, "c");
        road.event(Event.Kind.FAILED, queueId, "d");
        road.event(Event.Kind.GENERATED, queueId, "sender");
        road.put(road.topics.retry(Duration.ofSeconds(1)).name(), Mails.envelope(queueId, "c"));
        road.put(road.topics.again().name(), Mails.envelope(queueId, "sender"));
        road.put(road.topics.held().name(), Mails.envelope(queueId, "e"));
        road.put(road.topics.outbound().name(), Mails.delivery(queueId, "f", "g"));

        Ledger.Balance balance = road.ledger().balance();

        assertThat(balance.terms()).isEqualTo(new Terms(9, 1, 0, 2, 1, 0, 1, 0, 3, 0, 2, 1));
        assertThat(balance.terms().isBalanced()).isTrue();
    }

    @Test
    void whatTheDelivererFinishedIsNotInFlight() throws Exception {
        road.put(road.topics.outbound().name(), Mails.delivery(queueId, "f"));
        road.put(road.topics.outbound().name(), Mails.delivery(queueId, "g", "h"));
        road.commit(road.topics.delivererGroup(), road.topics.outbound().name(), 1);
        assertThat(road.ledger().balance().terms().outbound()).isEqualTo(2);
    }

    @Test
    void aLossIsFoundAndNotCalledMoving() throws Exception {
        road.event(Event.Kind.ACCEPTED, queueId, "a", "b");
        road.event(Event.Kind.DELIVERED, queueId, "a");
        Ledger.Balance balance = road.ledger().balance();
        assertThat(balance.terms().missing()).isEqualTo(1);
        assertThat(balance.moving()).isFalse();
    }

    @Test
    void aTraceHasTheEventsInOrderAndWhatIsLeft() throws Exception {
        road.event(Event.Kind.ACCEPTED, queueId, "a", "c");
        road.event(Event.Kind.DELIVERED, queueId, "a");
        road.put(road.topics.retry(Duration.ofSeconds(1)).name(), Mails.envelope(queueId, "c"));
        road.put(road.topics.retry(Duration.ofSeconds(1)).name(), Mails.envelope("OTHER", "z"));

        Story story = Story.of(queueId, road.cluster, road.schemas);

        assertThat(story.events()).extracting(StoredEvent::kind).containsExactly("accepted", "delivered");
        assertThat(story.waiting())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("waiting until ")
                .endsWith(": c");
        assertThat(Story.of("0" + queueId.substring(1, 25) + "Z", road.cluster, road.schemas)
                        .isEmpty())
                .isTrue();
    }

    @Test
    void aReplayIsWrittenOnceForEachDeadLetter() throws Exception {
        road.put(
                road.topics.failed().name(),
                Mails.failure("Q1", "x.test", "550 5.1.1 No such user", 1, "a@x.test", "b@x.test"));
        road.put(road.topics.failed().name(), Mails.failure("Q2", "y.test", "550 5.1.1 No such user", 1, "c@y.test"));
        Replay replay = new Replay(road.cluster, road.schemas, Clock.systemUTC(), 60_000, "mended");
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
        new Waiting(road.cluster, road.cluster.cut(), road.schemas).onAgain(again::add);
        assertThat(again).extracting(Envelope::getGeneration).containsExactly(1, 1);
        assertThat(again).allSatisfy(envelope -> assertThat(envelope.getRecipients())
                .allSatisfy(recipient -> assertThat(recipient.getAttempts()).isZero()));
        assertThat(road.ledger().balance().terms()).isEqualTo(new Terms(0, 0, 3, 0, 0, 0, 0, 0, 3, 0, 0, 0));
    }

    @Test
    void anOpenTransactionHidesNoEarlierReplay() throws Exception {
        road.put(road.topics.failed().name(), Mails.failure("Q1", "x.test", "550 5.1.1 No such user", 1, "a@x.test"));
        Replay replay = new Replay(road.cluster, road.schemas, Clock.systemUTC(), 60_000, "");
        Map<String, Object> settings = road.kafka.transactionalProducer("dead", road.topics.transactionalId("dead"));
        settings.put("transaction.timeout.ms", 1_000);
        settings.put("delivery.timeout.ms", 1_000);
        settings.put("request.timeout.ms", 500);
        try (Producer<byte[], byte[]> dead = new KafkaProducer<>(settings)) {
            dead.initTransactions();
            dead.beginTransaction();
            dead.send(new ProducerRecord<>(road.topics.events().name(), 0, new byte[0], "{}".getBytes(UTF_8)))
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
        road.put(road.topics.failed().name(), Mails.failure("Q1", "x.test", "550 5.1.1 No such user", 1, "a@x.test"));
        Replay replay = new Replay(road.cluster, road.schemas, Clock.systemUTC(), 60_000, "");
        List<Replay.DeadLetter> letters = new ArrayList<>();
        replay.select(ALL, letters::add);
        try (Replay.Writing earlier = replay.write();
                Replay.Writing later = replay.write()) {
            letters.forEach(earlier::add);
            assertThatThrownBy(earlier::commit).isInstanceOf(SupersededException.class);
            letters.forEach(later::add);
            later.commit();
        }
        assertThat(road.ledger().balance().terms().replayed()).isEqualTo(1);
        replay.close();
    }

    @Test
    void aDeadLetterPastItsTimeIsNotReplayed() throws Exception {
        road.put(road.topics.failed().name(), Mails.failure("Q1", "x.test", "550 5.1.1 No such user", 1, "a@x.test"));
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(31));
        List<Replay.DeadLetter> letters = new ArrayList<>();
        try (Replay replay = new Replay(road.cluster, road.schemas, later, 60_000, "")) {
            replay.select(ALL, letters::add);
        }
        assertThat(letters).isEmpty();
    }

    @Test
    void anOffsetThatIsAboutToMoveIsTheOneBefore() throws Exception {
        TopicPartition outbound = new TopicPartition(road.topics.outbound().name(), 0);
        road.put(outbound.topic(), Mails.delivery(queueId, "f"));
        Map<String, Object> member = road.kafka.consumer("test");
        member.put("group.id", road.topics.delivererGroup());
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(member);
                Producer<byte[], byte[]> deliverer = new KafkaProducer<>(
                        road.kafka.transactionalProducer("test", road.topics.transactionalId("test")))) {
            deliverer.initTransactions();
            deliverer.beginTransaction();
            deliverer.sendOffsetsToTransaction(Map.of(outbound, new OffsetAndMetadata(1)), consumer.groupMetadata());

            for (Cut cut : List.of(road.cluster.cut(), road.cluster.laggingCut())) {
                assertThat(cut.delivered()).hasSize(road.topics.outbound().partitions());
                assertThat(cut.delivered().get(outbound)).isEqualTo(new OffsetAndMetadata(0));
            }
            deliverer.commitTransaction();
        }
        assertThat(road.cluster.cut().delivered().get(outbound)).isEqualTo(new OffsetAndMetadata(1));
    }

    @Test
    void aTraceShowsTheBounceThatIsOnItsWay() throws Exception {
        road.event(Event.Kind.ACCEPTED, queueId, "a");
        Envelope bounce = Mails.envelope("01BOUNCE000000000000000000", "sender@sender.test");
        bounce.put("parent", new Parent(queueId, Cause.BOUNCE));
        road.put(road.topics.again().name(), bounce);

        assertThat(Story.of(queueId, road.cluster, road.schemas).waiting())
                .containsExactly("bounce 01BOUNCE000000000000000000 due, not routed yet: sender@sender.test");
    }

    @Test
    void aReplayLeavesWhatOnlyANewerVersionKnowsAndSaysHowMany() throws Exception {
        NewerNode newer = new NewerNode(Failure.SCHEMA$);
        road.schemas.add(newer.schema());
        byte[] octets = new Codec<>(Failure.class, road.schemas)
                .encode(Mails.failure("Q1", "x.test", "550 5.1.1 No such user", 1, "a@x.test"));
        byte[] unpublished = newer.withFields(octets);
        unpublished[2] ^= 1; // of its schema's fingerprint
        for (byte[] value : List.of(
                newer.withFields(octets),
                newer.requiring(octets, "requires", "seal"),
                newer.withSymbol(octets, "reason"),
                unpublished)) {
            road.producer
                    .send(new ProducerRecord<>(road.topics.failed().name(), 0, "key".getBytes(UTF_8), value))
                    .get();
        }
        List<Replay.DeadLetter> letters = new ArrayList<>();
        try (Replay replay = new Replay(road.cluster, road.schemas, Clock.systemUTC(), 60_000, "")) {
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
}
