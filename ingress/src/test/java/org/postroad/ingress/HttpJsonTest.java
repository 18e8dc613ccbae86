package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Mail that is described in JSON: its memory, its time, and what becomes of many mails of one request. */
class HttpJsonTest extends ServedHttp {
    private static final String JSON =
            "POST /v1/messages HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ";

    /** A request of so many mails with this text. */
    private static String mails(int count, String text) {
        String to = IntStream.range(0, count)
                .mapToObj(i -> "\"r" + i + "@y.example\"")
                .collect(Collectors.joining(","));
        String body = "{\"from\":\"a@x.example\",\"to\":[" + to + "],\"text\":\"" + text
                + "\",\"substitutions\":{\"r0@y.example\":{}}}";
        return JSON + body.length() + "\r\n\r\n" + body;
    }

    /** Half a request in JSON may be larger than all memory for content; it has memory of its own. */
    @Test
    void jsonTakesNoMemoryOfOtherMail() {
        assertThat(say(JSON + "400000\r\n\r\n" + " ".repeat(250_000))).isEmpty();
        assertThat(budget.held()).isZero();
        assertThat(memory.held()).isBetween(750_000L, MEMORY);
    }

    @Test
    void whereMemoryForJsonIsShortItIsForLater() {
        assertThat(memory.take(MEMORY - 50_000)).isTrue();
        assertThat(say(JSON + "400000\r\n\r\n" + " ".repeat(50_000)))
                .startsWith("HTTP/1.1 503 ")
                .contains("retry-after: 5\r\n");
        memory.give(MEMORY - 50_000);
    }

    @Test
    void slowJsonGivesItsMemoryToOthers() {
        say(JSON + "400000\r\n\r\n  ");
        assertThat(memory.take(MEMORY - 50_000)).isTrue();
        assertThat(wait(12)).startsWith("HTTP/1.1 503 ");
        memory.give(MEMORY - 50_000);
    }

    @Test
    void allMailsOfARequestAreComposedAndKept() {
        assertThat(say(mails(40, "x".repeat(10_000)))).isEmpty();
        keepAll();
        String answer = heard();
        assertThat(answer).startsWith("HTTP/1.1 202 ");
        assertThat(HttpNode.queueIds(answer)).hasSize(40);
        assertThat(memory.held()).isZero();
    }

    @Test
    void whatIsComposedHasToFitBesideTheRequests() {
        assertThat(memory.take(600_000)).isTrue();
        assertThat(say(mails(2, "x".repeat(100_000))))
                .startsWith("HTTP/1.1 503 ")
                .contains("retry-after: 5\r\n");
        assertThat(memory.held()).isEqualTo(600_000);
        memory.give(600_000);
        assertThat(kafka.history()).isEmpty();
    }

    @Test
    void whatCouldNeverBeComposedIsNotForLater() {
        assertThat(say(mails(1, "x".repeat(200_000)))).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void whatNobodyForesawLeavesNothingOfARequestBehind() {
        say(mails(40, "x"));
        disks = Disks.BROKEN;
        keepAll();
        assertThat(heard()).startsWith("HTTP/1.1 503 ");
        assertThat(kafka.history()).as("no mail is begun after it").hasSize(32);
    }

    @Test
    void jsonThatDripsIsTooSlow() {
        say(JSON + "400000\r\n\r\n  ");
        for (int i = 0; i < 50; i++) {
            assertThat(say(" ".repeat(600))).isEmpty();
            wait(1);
        }
        assertThat(wait(20)).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void aNodeThatClosesBeginsNoMoreMailsOfARequest() {
        say(mails(40, "x"));
        loops.get(0).close();
        keepAll();
        String answer = heard();
        assertThat(answer).startsWith("HTTP/1.1 503 ").contains("connection: close\r\n", "\"queueId\":null");
        assertThat(HttpNode.queueIds(answer)).hasSize(32);
        assertThat(kafka.history()).hasSize(32);
    }
}
