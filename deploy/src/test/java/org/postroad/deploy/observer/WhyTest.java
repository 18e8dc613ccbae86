package org.postroad.deploy.observer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deploy.operator.StoredEvent;

class WhyTest {
    private static final String ID = "01KAN8Y6Q3WZ5T0V9X2B4C6D8E";
    private static final long NOW = Instant.parse("2026-11-28T10:00:00Z").toEpochMilli();

    private static String why(String... rest) {
        List<StoredEvent> events = new ArrayList<>();
        for (String each : rest) {
            String json = "{\"queueId\":\"" + ID + "\"," + each.replace('\'', '"') + "}";
            events.add(Objects.requireNonNull(StoredEvent.parse(json.getBytes(UTF_8))));
        }
        return Why.of(events, ID, NOW);
    }

    private static String event(String kind, String time, String more, String recipients) {
        return "'event':'" + kind + "','at':'2026-11-28T" + time + "Z','recipients':[" + recipients + "]" + more;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "accepted | | a@x.test accepted at 2026-11-28T09:30:00Z and with the router or a deliverer"
                        + " for 30 min: no attempt has ended yet.",
                "deferred |"
                        + " ,'attempt':2,'code':451,'status':'4.7.1','reply':'later','exchanger':'mx[1.2.3.4]:25'"
                        + ",'dueAt':'2026-11-28T10:05:00Z' | a@x.test was not taken at 2026-11-28T09:30:00Z (attempt 2),"
                        + " because mx[1.2.3.4]:25 said 451 4.7.1 later;"
                        + " it is tried next at 2026-11-28T10:05:00Z, in 5 min.",
                "deferred | ,'attempt':1,'code':451,'status':'4.4.1','reply':'refused','dueAt':'2026-11-28T09:59:50Z'"
                        + " | a@x.test was not taken at 2026-11-28T09:30:00Z (1st attempt), because 451 4.4.1 refused;"
                        + " it is due again since 2026-11-28T09:59:50Z and on its way for 10 s.",
                "overflowed | ,'reason':'others are before it','dueAt':'2026-11-28T10:00:30Z'"
                        + " | a@x.test waits untried since 2026-11-28T09:30:00Z: others are before it;"
                        + " it is tried next at 2026-11-28T10:00:30Z, in 30 s.",
                "held | ,'reason':'its content is gone'"
                        + " | a@x.test is held since 2026-11-28T09:30:00Z: its content is gone, until an operator releases it.",
                "delivered | ,'code':250,'status':'2.0.0','reply':'ok','exchanger':'mx[1.2.3.4]:25'"
                        + " | a@x.test has it: delivered at 2026-11-28T09:30:00Z, mx[1.2.3.4]:25 said 250 2.0.0 ok.",
            })
    void oneSentenceSaysIt(String kind, String more, String sentence) {
        String words = more == null ? "" : more;
        assertThat(why(event(kind, "09:30:00", words, "'a@x.test'"))).isEqualTo(sentence);
    }

    @Test
    void theLastEventOfEachRecipientCounts() {
        String why = why(
                event("accepted", "09:00:00", "", "'a@x.test','b@x.test'"),
                event(
                        "deferred",
                        "09:10:00",
                        ",'code':451,'status':'4.7.1','reply':'later','dueAt':'2026-11-28T09:20:00Z'",
                        "'a@x.test'"),
                event("delivered", "09:11:00", ",'code':250,'status':'2.0.0','reply':'ok'", "'b@x.test'"),
                event("held", "09:21:00", ",'reason':'an operator wants it'", "'a@x.test'"));
        assertThat(why.lines())
                .containsExactly(
                        "a@x.test is held since 2026-11-28T09:21:00Z: an operator wants it; last, because 451 4.7.1 later"
                                + ", until an operator releases it.",
                        "b@x.test has it: delivered at 2026-11-28T09:11:00Z, 250 2.0.0 ok.");
    }

    @Test
    void ofMailThatWasReplayedTheLastGenerationCounts() {
        String failed =
                event("failed", "09:00:00", ",'code':550,'status':'5.1.1','reply':'no'", "'a@x.test','b@x.test'");
        String replayed = event("replayed", "09:30:00", ",'generation':1", "'a@x.test'");
        assertThat(why(failed, replayed).lines())
                .containsExactly(
                        "a@x.test replayed at 2026-11-28T09:30:00Z and with the router or a deliverer for 30 min:"
                                + " no attempt has ended yet.",
                        "b@x.test will not get it: given up at 2026-11-28T09:00:00Z, because 550 5.1.1 no; it had no"
                                + " sender to be told, and 'postroad replay' sends it again.");
        assertThat(why(replayed, failed)).startsWith("a@x.test replayed at ");
    }

    @Test
    void aSenderIsToldIfThereIsOne() {
        assertThat(why(event("failed", "09:00:00", ",'sender':'s@y.test'", "'a@x.test'")))
                .contains("; the sender was told unless it asked not to be, and ");
    }

    @Test
    void ofAMessageThatNobodyKnowsItSaysSo() {
        assertThat(why()).startsWith("nothing is known of " + ID);
    }
}
