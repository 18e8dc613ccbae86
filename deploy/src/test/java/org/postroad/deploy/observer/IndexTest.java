package org.postroad.deploy.observer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.postroad.deploy.observer.IndexedEvents.NOW;
import static org.postroad.deploy.observer.IndexedEvents.list;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.schemas.Event;
import org.postroad.schemas.policy.Selector;

/** What the index makes of events, and that it is the same after its process died. */
class IndexTest {
    private static final long MINUTE = 60_000;

    @TempDir
    Path directory = Path.of("");

    private final IndexedEvents events = new IndexedEvents();

    private static Answers answers(Index index) {
        return new Answers(index, Duration.ofDays(5));
    }

    @Test
    void everybodyIsCountedWhereTheEventsLeaveHim() {
        try (Index index = Index.open(directory)) {
            String id = events.id();
            events.accept(index, id, "a@x.test", "b@x.test", "c@x.test", "d@x.test", "e@x.test");
            events.deliver(index, id, "x.test", "a@x.test");
            events.defer(index, id, "x.test", NOW + 10 * MINUTE, "b@x.test");
            events.put(index, Event.Kind.HELD, id, event -> event.with("reason", "wait"), "c@x.test");
            events.put(
                    index,
                    Event.Kind.OVERFLOWED,
                    id,
                    event -> event.with("destination", "x.test").at("dueAt", NOW + 2 * MINUTE),
                    "d@x.test");
            index.commit();

            Map<?, ?> row = (Map<?, ?>)
                    list(answers(index).queue(NOW, 10), "destinations").get(0);

            assertThat(row.get("recipients")).isEqualTo(4);
            assertThat(row.get("inFlight")).isEqualTo(1);
            assertThat(row.get("waiting")).isEqualTo(2);
            assertThat(row.get("untried")).isEqualTo(1);
            assertThat(row.get("held")).isEqualTo(1);
            assertThat(row.get("dueWithin"))
                    .isEqualTo(Map.of("1m", 0, "5m", 1, "15m", 1, "1h", 0, "4h", 0, "later", 0));
            assertThat(row.get("lastReply")).isEqualTo("451 4.7.1 come again");
            assertThat(row.get("oldestAt")).isEqualTo(Answers.text(NOW));
        }
    }

    @Test
    void whoIsDueIsInFlightAgainThoughNoEventSaysSo() {
        try (Index index = Index.open(directory)) {
            String id = events.id();
            events.accept(index, id, "a@x.test");
            events.defer(index, id, "x.test", NOW + MINUTE, "a@x.test");
            index.commit();
            Map<?, ?> row = (Map<?, ?>) list(answers(index).queue(NOW + 3 * MINUTE, 10), "destinations")
                    .get(0);
            assertThat(row.get("inFlight")).isEqualTo(1);
            assertThat(row.get("waiting")).isEqualTo(0);
        }
    }

    @Test
    void aProcessThatDiesHasAppliedAllOfABatchOrNothing() throws Exception {
        String first = events.id();
        String second = events.id();
        Index died = Index.open(directory);
        events.accept(died, first, "a@x.test", "b@x.test");
        died.commit();
        long committed = died.sum(0).offset();
        events.deliver(died, first, "x.test", "a@x.test");
        events.accept(died, second, "c@x.test");
        // It dies before it commits: a copy of its files is what the next one finds.
        died.close();

        try (Index index = Index.open(directory)) {
            assertThat(index.sum(0).offset()).isEqualTo(committed);
            assertThat(index.sum(0).of(Event.Kind.ACCEPTED)).isEqualTo(2);
            assertThat(index.sum(0).of(Event.Kind.DELIVERED)).isZero();
            assertThat(index.counts().all()).isEqualTo(2);
            assertThat(index.events(second, new Budget())).isEmpty();
            Map<String, Object> ledger = answers(index).ledger(NOW);
            assertThat(ledger).containsEntry("missing", 0L).containsEntry("inFlight", 2L);
        }
    }

    @Test
    void whatIsInMemoryAloneWhenTheProcessIsKilledIsReadAgain() throws Exception {
        Path killed = directory.resolve("killed");
        Path found = directory.resolve("found");
        Index index = Index.open(killed);
        events.accept(index, events.id(), "a@x.test");
        index.commit();
        copy(killed, found);
        index.close();
        try (Index after = Index.open(found)) {
            long offset = after.sum(0).offset();
            assertThat(after.counts().all()).isEqualTo(offset == 0 ? 0 : 1);
            assertThat(after.sum(0).of(Event.Kind.ACCEPTED))
                    .isEqualTo(after.counts().all());
        }
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.filter(each -> !each.endsWith("LOCK")).toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void countsAreTheSameAfterARestart() {
        String id = events.id();
        try (Index index = Index.open(directory)) {
            events.accept(index, id, "a@x.test", "b@y.test");
            events.defer(index, id, "google", NOW + 10 * MINUTE, "a@x.test");
            index.commit();
        }
        try (Index index = Index.open(directory)) {
            Map<String, Object> queue = answers(index).queue(NOW, 10);
            assertThat(queue).containsEntry("recipients", 2L).containsEntry("destinationCount", 2);
            assertThat(list(answers(index).queueOf("google", null, NOW, 10), "list"))
                    .hasSize(1);
            assertThat(list(answers(index).queueOf("x.test", null, NOW, 10), "list"))
                    .isEmpty();
            events.deliver(index, id, "google", "a@x.test");
            index.commit();
            assertThat(list(answers(index).queueOf("google", null, NOW, 10), "list"))
                    .isEmpty();
            assertThat(index.counts().all()).isEqualTo(1);
        }
    }

    @Test
    void mailIsFoundByItsMessageIdAndByItsRecipientInAnyCase() {
        try (Index index = Index.open(directory)) {
            String older = events.id();
            events.put(index, Event.Kind.ACCEPTED, older, event -> event.with("messageId", "1@h"), "Ann@x.test");
            events.clock.advance(Duration.ofMinutes(1));
            String younger = events.id();
            events.accept(index, younger, "ann@X.test", "bob@x.test");
            index.commit();
            Answers answers = answers(index);
            assertThat(ids(answers.search(true, "1@h", 0, NOW))).containsExactly(older);
            assertThat(ids(answers.search(true, "1@", 0, NOW))).isEmpty();
            assertThat(ids(answers.search(false, "ANN@x.test", 0, NOW))).containsExactly(younger, older);
            assertThat(ids(answers.search(false, "ann@x.test", NOW + 1, NOW))).containsExactly(younger);
        }
    }

    private static List<Object> ids(Map<String, Object> search) {
        List<Object> ids = new ArrayList<>();
        list(search, "messages").forEach(message -> ids.add(((Map<?, ?>) message).get("queueId")));
        return ids;
    }

    @Test
    void aListHasWhomASelectorMeans() {
        try (Index index = Index.open(directory)) {
            String id = events.id();
            events.accept(index, id, "a@x.test", "b@x.test", "c@y.test");
            events.defer(index, id, "x.test", NOW + MINUTE, "a@x.test");
            index.commit();
            Answers answers = answers(index);
            assertThat(list(answers.list(Selector.of(Map.of("code", "4.7.*")), NOW, 10), "list"))
                    .hasSize(1);
            assertThat(list(answers.list(Selector.of(Map.of("domain", "x.test")), NOW, 10), "list"))
                    .hasSize(2);
            assertThat(list(answers.list(Selector.of(Map.of("destination", "Y.test")), NOW, 10), "list"))
                    .hasSize(1);
            assertThat(list(answers.list(Selector.of(Map.of("queue-id", id)), NOW, 2), "list"))
                    .hasSize(2);
            assertThat(list(answers.list(Selector.of(Map.of("sender", "nobody@x.test")), NOW, 10), "list"))
                    .isEmpty();
        }
    }

    @Test
    void aBounceIsToldWithWhatItBounces() {
        try (Index index = Index.open(directory)) {
            String id = events.id();
            String bounce = events.id();
            events.accept(index, id, "a@x.test");
            events.put(index, Event.Kind.FAILED, id, event -> event.with("reason", "bounced"), "a@x.test");
            events.put(index, Event.Kind.GENERATED, bounce, event -> event.with("parent", id), "sender@sender.test");
            index.commit();
            assertThat(list(answers(index).message(id, NOW), "events")).hasSize(3);
            assertThat(list(answers(index).message(bounce, NOW), "events")).hasSize(1);
        }
    }

    @Test
    void whatOthersWriteToTheTopicIsPassedOver() {
        try (Index index = Index.open(directory)) {
            for (String json : List.of(
                    "",
                    "nothing",
                    "[]",
                    "{}",
                    "{\"event\":7}",
                    "{\"event\":\"accepted\"}",
                    "{\"event\":\"accepted\",\"queueId\":\"x\",\"recipients\":[\"a@x.test\",{\"b\":[1]}]}",
                    "{\"event\":\"flown\",\"queueId\":\"" + events.id()
                            + "\",\"at\":\"never\",\"recipients\":[\"a@x.test\"]}")) {
                index.apply(events.record(json.getBytes(UTF_8)));
            }
            index.apply(events.record(null));
            index.commit();
            assertThat(index.counts().all()).isZero();
        }
    }

    @Test
    void whatIsOverGoesWithItsEventsAndWhoIsUnderWayStays() {
        try (Index index = Index.open(directory)) {
            String over = events.id();
            String underWay = events.id();
            events.put(index, Event.Kind.ACCEPTED, over, event -> event.with("messageId", "1@h"), "a@x.test");
            events.deliver(index, over, "x.test", "a@x.test");
            events.accept(index, underWay, "a@x.test");
            events.clock.advance(Duration.ofDays(2));
            String young = events.id();
            events.accept(index, young, "a@x.test");
            events.deliver(index, young, "x.test", "a@x.test");
            index.commit();
            Expiry expiry = index.expiry();
            long before = NOW + Duration.ofDays(1).toMillis();
            int turns = 1;
            while (expiry.turn(before, 1)) {
                turns++;
            }
            assertThat(turns).isGreaterThan(1);
            assertThat(index.events(over, new Budget())).isEmpty();
            assertThat(index.events(underWay, new Budget())).hasSize(1);
            assertThat(index.events(young, new Budget())).hasSize(2);
            assertThat(ids(answers(index).search(true, "1@h", 0, NOW))).isEmpty();
            assertThat(ids(answers(index).search(false, "a@x.test", 0, NOW))).containsExactly(young, underWay);
        }
    }

    @Test
    void theLedgerNamesWhomNothingWasHeardOf() {
        try (Index index = Index.open(directory)) {
            String lost = events.id();
            events.accept(index, lost, "a@x.test");
            String held = events.id();
            events.accept(index, held, "b@x.test");
            events.put(index, Event.Kind.HELD, held, event -> event, "b@x.test");
            String late = events.id();
            events.accept(index, late, "c@x.test");
            events.defer(index, late, "x.test", NOW + 30 * MINUTE, "c@x.test");
            index.commit();
            Answers answers = answers(index);
            assertThat(answers.ledger(NOW + 59 * MINUTE)).containsEntry("overdue", 0L);
            assertThat(answers.ledger(NOW + 62 * MINUTE)).containsEntry("overdue", 1L);
            assertThat(answers.ledger(NOW + 95 * MINUTE)).containsEntry("overdue", 2L);
            long past = NOW + Duration.ofDays(6).toMillis();
            assertThat(list(answers.ledger(past), "pastLifetime")).hasSize(2);
            assertThat(answers.ledger(past)).containsEntry("balanced", true);
        }
    }

    @Test
    void anIndexThatIsNoIndexIsMadeAnew() throws Exception {
        try (Index index = Index.open(directory)) {
            events.accept(index, events.id(), "a@x.test");
            index.commit();
        }
        String manifest = Files.readString(directory.resolve("CURRENT")).strip();
        Files.writeString(directory.resolve(manifest), "no rows at all");
        try (Index index = Index.open(directory)) {
            assertThat(index.sum(0).offset()).isZero();
            assertThat(index.counts().all()).isZero();
        }
    }
}
