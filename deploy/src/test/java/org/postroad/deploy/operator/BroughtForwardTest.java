package org.postroad.deploy.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.Event;
import org.postroad.schemas.KafkaSettings;

/** The ledger when events have been deleted since, as they are after 30 days. */
@Tag("long")
class BroughtForwardTest {
    /** When what the tests write is two hours old. */
    private static final long NOW = Clock.systemUTC().millis() + 2 * CarryForward.AGE.toMillis();

    private static final Terms BOTH_DELIVERED = new Terms(2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0);

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
        road = new WrittenTopics(Objects.requireNonNull(broker), "brought" + ++tests + ".");
    }

    @AfterEach
    void end() {
        road.close();
    }

    @Test
    void mailThatEndsAfterItsAcceptanceWasDeletedBalances() throws Exception {
        acceptTwoAndDeliverOne();
        assertThat(road.ledger().balanceAndBringForward(1).isFinding()).isFalse();
        road.delete(road.topics.events().name());

        assertThat(balance().terms()).isEqualTo(new Terms(2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1));
        deliverTheOther();
        assertThat(balance()).isEqualTo(new Ledger.Balance(BOTH_DELIVERED, false, 0, 0, false, Map.of()));
    }

    @Test
    void whatIsMissingStaysMissingWhenItsEventsAreGone() throws Exception {
        road.event(Event.Kind.ACCEPTED, "Q1", "a", "b");
        road.event(Event.Kind.DELIVERED, "Q1", "a");
        assertThat(road.ledger().balanceAndBringForward(1).isFinding()).isTrue();
        road.delete(road.topics.events().name());
        assertThat(road.ledger().balanceAndBringForward(2))
                .isEqualTo(new Ledger.Balance(
                        new Terms(2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0), false, 0, 0, false, Map.of()));
    }

    @Test
    void nothingIsCountedTwiceByManyRunsAtOnce() throws Exception {
        acceptTwoAndDeliverOne();
        deliverTheOther();
        CountDownLatch go = new CountDownLatch(1);
        Callable<Ledger.Balance> run = () -> {
            go.await();
            return road.ledger().balanceAndBringForward(1);
        };
        FutureTask<Ledger.Balance> one = new FutureTask<>(run);
        FutureTask<Ledger.Balance> other = new FutureTask<>(run);
        new Thread(one).start();
        new Thread(other).start();
        go.countDown();
        assertThat(one.get().terms()).isEqualTo(BOTH_DELIVERED);
        assertThat(other.get().terms()).isEqualTo(BOTH_DELIVERED);
        carryForward().turn(NOW);
        for (int i = 0; i < 3; i++) {
            assertThat(road.ledger().balanceAndBringForward(2).terms()).isEqualTo(BOTH_DELIVERED);
        }
    }

    @Test
    void nodesCountWhatIsAnHourOldAndNothingYounger() throws Exception {
        acceptTwoAndDeliverOne();
        carryForward().turn(0);
        assertThat(brought().read().sums().values())
                .allSatisfy(sum -> assertThat(sum.offset()).isZero());
        carryForward().turn(NOW);
        assertThat(brought().read().sums().values().stream()
                        .mapToLong(sum -> sum.of(Event.Kind.ACCEPTED))
                        .sum())
                .isEqualTo(2);
        road.delete(road.topics.events().name());
        deliverTheOther();
        assertThat(balance()).isEqualTo(new Ledger.Balance(BOTH_DELIVERED, false, 0, 0, false, Map.of()));
    }

    @Test
    void eventsThatWereDeletedUncountedAreSaidToBe() throws Exception {
        acceptTwoAndDeliverOne();
        road.delete(road.topics.events().name());
        Ledger.Balance balance = balance();
        assertThat(balance.gaps()).isTrue();
        assertThat(balance.isFinding()).isTrue();
    }

    @Test
    void aDifferenceThatIsKnownIsNoFindingAndALaterOneIs() throws Exception {
        acceptTwoAndDeliverOne();
        road.delete(road.topics.events().name());
        assertThat(road.ledger()
                        .balanceAndWriteOff("older than this version", 1)
                        .isBalanced())
                .isTrue();
        Ledger.Balance known = balance();
        assertThat(known.isBalanced()).isTrue();
        assertThat(known.gaps()).isFalse();
        assertThat(known.writtenOff()).isEqualTo(-1);

        road.event(Event.Kind.ACCEPTED, "Q2", "lost");
        assertThat(balance().isFinding()).isTrue();
        assertThat(balance().missing()).isEqualTo(1);
        road.ledger().balanceAndWriteOff("looked into", 2);
        road.ledger().balanceAndWriteOff("said twice", 3);
        assertThat(balance().isBalanced()).isTrue();
        assertThat(balance().writtenOff()).isZero();
    }

    @Test
    void whoMayOnlyReadIsToldTheSame(@TempDir Path directory) throws Exception {
        Map<String, String> guarded = Map.of(
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "allow.everyone.if.no.acl.found", "true");
        try (EmbeddedBroker strict = EmbeddedBroker.start(directory, 0, guarded);
                WrittenTopics its = new WrittenTopics(strict, "strict.")) {
            its.event(Event.Kind.ACCEPTED, "Q1", "a");
            its.event(Event.Kind.DELIVERED, "Q1", "a");
            its.allow(its.topics.control().name(), AclOperation.READ);
            assertThat(its.ledger().balanceAndBringForward(1).isBalanced()).isTrue();
            assertThat(new BroughtForward(its.kafka, its.topics, its.schemas)
                            .read()
                            .sums())
                    .isEmpty();
        }
    }

    @Test
    void aSumThatIsLateSetsNothingBack() throws Exception {
        acceptTwoAndDeliverOne();
        Map<TopicPartition, EventSum> early = brought().read().sums();
        road.ledger().balanceAndBringForward(1);
        Map<TopicPartition, EventSum> written = brought().read().sums();
        early.put(
                new TopicPartition(road.topics.events().name(), 0),
                Objects.requireNonNull(EventSum.parse("1 failed=9")));
        brought().write(early, 2);
        assertThat(texts(brought().read().sums())).isEqualTo(texts(written));
    }

    @Test
    void aTopicThatWasMadeAnewIsCountedFromItsBegin() {
        TopicPartition partition = new TopicPartition("events", 0);
        Map<TopicPartition, EventSum> before =
                Map.of(partition, Objects.requireNonNull(EventSum.parse("50 accepted=7")));
        FateCount fates = new FateCount(KafkaSettings.local("127.0.0.1:1"), before);
        fates.noteGaps(Map.of(partition, new Span(0, 60)));
        assertThat(fates.gaps()).isZero();
        fates.noteGaps(Map.of(partition, new Span(0, 20)));
        assertThat(texts(fates.sums())).containsEntry(partition, "0 accepted=7 gaps=1");
    }

    @Test
    void aTurnOfANodeIsBounded() {
        TopicPartition one = new TopicPartition("events", 1);
        assertThat(CarryForward.upTo(100, Map.of(one, new Span(5, 1_000)))).isEqualTo(Map.of(one, new Span(5, 105)));
        assertThat(CarryForward.upTo(100, Map.of(one, new Span(5, 50)))).isEqualTo(Map.of(one, new Span(5, 50)));
        Map<TopicPartition, Span> two = Map.of(one, new Span(0, 80), new TopicPartition("events", 2), new Span(0, 80));
        assertThat(CarryForward.upTo(100, two).values().stream()
                        .mapToLong(Span::count)
                        .sum())
                .isEqualTo(100);
    }

    private void acceptTwoAndDeliverOne() throws Exception {
        road.event(Event.Kind.ACCEPTED, "Q1", "a", "b");
        road.event(Event.Kind.DELIVERED, "Q1", "a");
        road.put(retry(), Mails.envelope("Q1", "b"));
    }

    private void deliverTheOther() throws Exception {
        road.event(Event.Kind.DELIVERED, "Q1", "b");
        road.commit(road.topics.retryGroup(), retry(), 1);
    }

    private String retry() {
        return road.topics.retries().get(0).name();
    }

    private Ledger.Balance balance() {
        return road.ledger().balance();
    }

    private BroughtForward brought() {
        return new BroughtForward(road.kafka, road.topics, road.schemas);
    }

    private CarryForward carryForward() {
        return new CarryForward(road.cluster, new Random(1));
    }

    private static Map<TopicPartition, String> texts(Map<TopicPartition, EventSum> sums) {
        return sums.entrySet().stream()
                .collect(java.util.stream.Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().text()));
    }
}
