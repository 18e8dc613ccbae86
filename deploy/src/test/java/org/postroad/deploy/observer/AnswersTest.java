package org.postroad.deploy.observer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.postroad.deploy.observer.IndexedEvents.NOW;
import static org.postroad.deploy.observer.IndexedEvents.list;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.operator.StoredEvent;
import org.postroad.schemas.Event;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.policy.Selector;

/** What is answered of an index: in the order of the partition, within bounds that are said, and by any form of a name. */
class AnswersTest {
    private static final long MINUTE = 60_000;

    @TempDir
    Path directory = Path.of("");

    private final IndexedEvents events = new IndexedEvents();
    private Index index;
    private Answers answers;

    @BeforeEach
    void open() {
        index = Index.open(directory);
        answers = new Answers(index, Duration.ofDays(5));
    }

    @AfterEach
    void close() {
        index.close();
    }

    private String why(String id) {
        return String.valueOf(answers.message(id, events.clock.millis()).get("why"));
    }

    private static List<String> kinds(Map<String, Object> message) {
        return list(message, "events").stream()
                .map(event -> ((com.fasterxml.jackson.databind.JsonNode) event)
                        .path("event")
                        .asText())
                .toList();
    }

    @Test
    void theOrderOfThePartitionCountsAndNotTheClocksOfNodes() {
        String id = events.id();
        events.accept(index, id, "a@x.test");
        events.aheadMillis = -100; // the deliverer's clock is behind that of ingress
        events.deliver(index, id, "x.test", "a@x.test");
        index.commit();
        assertThat(kinds(answers.message(id, NOW))).containsExactly("accepted", "delivered");
        assertThat(why(id)).startsWith("a@x.test has it: delivered at ");
    }

    @Test
    void whatIsUnderWayOfABounceIsToldWithItsMessage() {
        String id = events.id();
        String bounce = events.id();
        events.accept(index, id, "a@x.test");
        events.put(index, Event.Kind.GENERATED, bounce, event -> event.with("parent", id), "sender@sender.test");
        index.commit();
        assertThat(values(list(answers.message(id, NOW), "underWay"), "queueId"))
                .containsExactly(id, bounce);
    }

    private static List<Object> values(List<?> rows, String field) {
        List<Object> values = new ArrayList<>();
        rows.forEach(row -> values.add(((Map<?, ?>) row).get(field)));
        return values;
    }

    @Test
    void ofTooManyEventsTheYoungestAreToldAndWhoIsUnderWayAllTheSame() {
        String id = events.id();
        events.accept(index, id, "a@x.test", "quiet@x.test");
        events.put(index, Event.Kind.HELD, id, event -> event.with("reason", "wait"), "quiet@x.test");
        for (int i = 0; i < Answers.MOST + 10; i++) {
            events.defer(index, id, "x.test", NOW + i, "a@x.test");
        }
        events.deliver(index, id, "x.test", "a@x.test");
        index.commit();
        Map<String, Object> message = answers.message(id, NOW);
        assertThat(kinds(message)).hasSize(Answers.MOST).endsWith("deferred", "delivered");
        assertThat(message).containsEntry("more", true);
        assertThat(why(id).lines())
                .anyMatch(line -> line.startsWith("a@x.test has it: delivered"))
                .anyMatch(line -> line.startsWith("quiet@x.test is held since") && line.contains(": wait"));
    }

    @Test
    void aSearchHasAsMuchRoomAsOneAnswer() {
        for (int message = 0; message < 3; message++) {
            String id = events.id();
            events.accept(index, id, "a@x.test");
            for (int i = 0; i < Answers.MOST / 2; i++) {
                events.defer(index, id, "x.test", NOW, "a@x.test");
            }
        }
        index.commit();
        Map<String, Object> search = answers.search(false, "a@x.test", 0, NOW);
        int told = list(search, "messages").stream()
                .mapToInt(message -> list(message, "events").size())
                .sum();
        assertThat(told).isEqualTo(Answers.MOST);
        assertThat(search).containsEntry("more", true);
    }

    @Test
    void ofMoreThanAHundredMessagesASearchSaysSo() {
        for (int i = 0; i <= 100; i++) {
            events.accept(index, events.id(), "a@x.test", i == 0 ? "b@x.test" : "c@x.test");
        }
        index.commit();
        assertThat(answers.search(false, "a@x.test", 0, NOW)).containsEntry("more", true);
        assertThat(answers.search(false, "b@x.test", 0, NOW)).containsEntry("more", false);
    }

    @Test
    void anAnswerIsBoundedInOctetsToo() {
        Budget budget = new Budget();
        assertThat(budget.take(10 << 20)).isTrue();
        assertThat(budget.take(10 << 20)).isFalse();
        assertThat(budget.take(1)).as("what is left out is the oldest").isFalse();
        assertThat(budget.isCut()).isTrue();
    }

    @Test
    void aListSaysWhetherThereAreMore() {
        events.accept(index, events.id(), "a@x.test", "b@x.test", "c@y.test");
        index.commit();
        assertThat(answers.queueOf("x.test", null, NOW, 2)).containsEntry("more", false);
        assertThat(answers.queueOf("x.test", null, NOW, 1)).containsEntry("more", true);
        Selector selector = Selector.of(Map.of("domain", "x.test"));
        assertThat(answers.list(selector, NOW, 2)).containsEntry("more", false);
        assertThat(answers.list(selector, NOW, 1)).containsEntry("more", true);
        assertThat(list(answers.list(selector, NOW, 0), "list")).isEmpty();
    }

    @Test
    void aDestinationIsFoundAsItIsWrittenAndADomainInAnyForm() {
        String id = events.id();
        events.accept(index, id, "a@x.test", "b@b\u00FCcher.test");
        events.defer(index, id, "Google", NOW + MINUTE, "a@x.test");
        index.commit();
        for (String name : List.of("Google", "B\u00FCcher.test", "xn--bcher-kva.TEST")) {
            assertThat(list(answers.queueOf(name, null, NOW, 10), "list"))
                    .as(name)
                    .hasSize(1);
        }
        assertThat(list(answers.list(Selector.of(Map.of("destination", "Google")), NOW, 10), "list"))
                .hasSize(1);
    }

    @Test
    void aDomainThatLeavesARollUpCountsForItself() {
        String id = events.id();
        events.accept(index, id, "a@x.test", "b@x.test");
        events.put(index, Event.Kind.DELIVERED, id, event -> of(events.delivered(event, "google")), "a@x.test");
        events.put(index, Event.Kind.DELIVERED, id, event -> of(events.delivered(event, "x.test")), "b@x.test");
        events.accept(index, events.id(), "c@x.test");
        index.commit();
        assertThat(list(answers.queueOf("x.test", null, NOW, 10), "list")).hasSize(1);
    }

    private static Event of(Event event) {
        return event.with("domain", "x.test");
    }

    @Test
    void theLastReplyIsTheYoungestAndAnExchangers() {
        String id = events.id();
        events.accept(index, id, "a@x.test", "b@x.test", "c@x.test");
        events.defer(index, id, "x.test", NOW + MINUTE, "a@x.test");
        events.aheadMillis = -5_000;
        events.put(index, Event.Kind.FAILED, id, event -> refused(event, 550, "older"), "b@x.test");
        events.aheadMillis = 5_000;
        events.put(
                index,
                Event.Kind.FAILED,
                id,
                event -> refused(event, 554, "bounced").with("job", "J"),
                "c@x.test");
        index.commit();
        assertThat(answers.queueOf("x.test", null, NOW, 10)).containsEntry("lastReply", "451 4.7.1 come again");
    }

    private static Event refused(Event event, int code, String words) {
        return event.with("destination", "x.test").reply(new LastReply(code, "5.0.0", words, null, 0L));
    }

    @Test
    void whatAJobReplaysIsAsIfItHadJustCome() {
        String id = events.id();
        events.accept(index, id, "a@x.test", "b@x.test");
        events.defer(index, id, "x.test", NOW + MINUTE, "a@x.test", "b@x.test");
        events.put(index, Event.Kind.RELEASED, id, event -> job(event, "replay: mended"), "a@x.test");
        events.put(index, Event.Kind.RELEASED, id, event -> job(event, "flush"), "b@x.test");
        index.commit();
        List<?> rows = list(answers.queueOf("x.test", null, NOW, 10), "list");
        assertThat(values(rows, "attempts")).containsExactly(0, 1);
        assertThat(values(rows, "code")).containsExactly(null, 451);
    }

    private static Event job(Event event, String reason) {
        return event.with("destination", "x.test").with("job", "J").with("reason", reason);
    }

    @Test
    void aReplyIsKeptAsLongAsItIsInMail() {
        String id = events.id();
        String words = "x".repeat(500) + " end";
        events.accept(index, id, "a@x.test");
        events.put(
                index,
                Event.Kind.DEFERRED,
                id,
                event -> event.with("destination", "x.test").reply(new LastReply(451, "4.0.0", words, null, 0L)),
                "a@x.test");
        index.commit();
        assertThat(list(answers.list(Selector.of(Map.of("reply", "end$")), NOW, 10), "list"))
                .hasSize(1);
    }

    @Test
    void aDestinationOfWhichThereIsNothingToTellIsForgotten() {
        String id = events.id();
        events.accept(index, id, "a@x.test", "b@y.test");
        events.deliver(index, id, "x.test", "a@x.test");
        index.commit();
        Upkeep upkeep = new Upkeep(index, Duration.ofDays(35));
        upkeep.turn(NOW);
        assertThat(index.counts().destinations()).containsOnlyKeys("x.test", "y.test");
        upkeep.turn(NOW + 30_000);
        upkeep.turn(NOW + 20 * MINUTE);
        assertThat(index.counts().destinations()).containsOnlyKeys("y.test");
    }

    @Test
    void mailThatWasReplayedStaysAsLongAsItsYoungestEvent() {
        String id = events.id();
        events.accept(index, id, "a@x.test");
        events.put(index, Event.Kind.FAILED, id, event -> event, "a@x.test");
        events.clock.advance(Duration.ofDays(60));
        events.put(index, Event.Kind.REPLAYED, id, event -> event, "a@x.test");
        events.deliver(index, id, "x.test", "a@x.test");
        index.commit();
        Expiry expiry = index.expiry();
        long day = Duration.ofDays(1).toMillis();
        assertThat(expiry.turn(events.clock.millis() - day, 100)).isFalse();
        assertThat(index.events(id, new Budget())).hasSize(4);
        assertThat(expiry.turn(events.clock.millis() + day, 100)).isFalse();
        assertThat(index.events(id, new Budget())).isEmpty();
    }

    @Test
    void whatIsToldOfARecipientsRowIsWhatItsEventsTold() {
        String id = events.id();
        events.accept(index, id, "a@x.test", "b@x.test");
        events.defer(index, id, "x.test", NOW + MINUTE, "a@x.test");
        index.commit();
        index.eachOf(id, (destination, found) -> {
            StoredEvent told = found.told();
            StoredEvent event = index.events(id, new Budget()).stream()
                    .filter(each -> each.recipients().contains(found.recipient()))
                    .reduce((first, second) -> second)
                    .orElseThrow();
            for (String field : List.of("event", "at", "code", "status", "reply", "dueAt", "attempt")) {
                assertThat(told.text(field)).as(field).isEqualTo(event.text(field));
            }
            return true;
        });
        assertThat(Objects.requireNonNull(answers.message(id, NOW).get("underWay")))
                .isInstanceOf(List.class);
    }
}
