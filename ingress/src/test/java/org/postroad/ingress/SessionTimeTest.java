package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a session does when its client, or Kafka, takes its time. */
class SessionTimeTest {
    private static final String BEGIN = "EHLO c\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n";

    @Test
    void endsAnIdleSessionAfterFiveMinutes() {
        ServedSession session = ServedSession.ordinary();
        session.send("EHLO c\r\n");
        assertThat(session.wait(Duration.ofSeconds(299))).isEmpty();
        session.send("NOOP\r\n");
        assertThat(session.wait(Duration.ofSeconds(299))).isEmpty();
        assertThat(session.wait(Duration.ofSeconds(1)))
                .singleElement()
                .asString()
                .startsWith("421 4.4.2");
        assertThat(session.closed()).isTrue();
        assertThat(session.gauge("postroad_ingress_sessions")).isZero();
    }

    @Test
    void octetsThatMakeNoCommandAreNoProgress() {
        ServedSession session = ServedSession.ordinary();
        session.heard();
        for (int i = 0; i < 9; i++) {
            session.send("x");
            assertThat(session.wait(Duration.ofSeconds(30))).isEmpty();
        }
        assertThat(session.wait(Duration.ofSeconds(30)))
                .singleElement()
                .asString()
                .startsWith("421 4.4.2");
    }

    @Test
    void contentThatTricklesEndsTheSession() {
        ServedSession session = ServedSession.ordinary();
        session.send(BEGIN);
        List<String> heard = List.of();
        int seconds = 0;
        for (; heard.isEmpty() && seconds < 1_000; seconds += 10) {
            session.send("x");
            heard = session.wait(Duration.ofSeconds(10));
        }
        assertThat(heard).singleElement().asString().startsWith("421 4.4.2");
        assertThat(seconds).isBetween(290, 320);
    }

    @Test
    void slowContentLeavesTheNextCommandItsFiveMinutes() {
        ServedSession session = ServedSession.ordinary();
        session.send(BEGIN);
        for (int i = 0; i < 29; i++) {
            session.send("x");
            assertThat(session.wait(Duration.ofSeconds(10))).isEmpty();
        }
        assertThat(session.send("\r\n.\r\n")).singleElement().asString().startsWith("250 2.0.0");
        assertThat(session.wait(Duration.ofSeconds(299))).isEmpty();
        assertThat(session.send("NOOP\r\n")).containsExactly("250 2.0.0 OK");
    }

    @Test
    void contentAtAModestRateMayTakeAsLongAsItNeeds() {
        ServedSession session = ServedSession.ordinary();
        session.send(BEGIN);
        String line = "x".repeat(998) + "\r\n";
        for (int minute = 0; minute < 60; minute++) {
            assertThat(session.send(line.repeat(30))).isEmpty();
            assertThat(session.wait(Duration.ofMinutes(1))).isEmpty();
        }
        assertThat(session.send(".\r\n")).singleElement().asString().startsWith("250 2.0.0");
    }

    @Test
    void waitingForKafkaIsNotTheClientsFault() {
        ServedSession session = ServedSession.slowKafka();
        session.send(BEGIN + "hi\r\n.\r\n");
        assertThat(session.wait(Duration.ofSeconds(29))).isEmpty();
        session.kafka.completeNext();
        assertThat(session.heard()).singleElement().asString().startsWith("250 2.0.0");
        assertThat(session.wait(Duration.ofSeconds(200))).isEmpty();
        assertThat(session.closed()).isFalse();
        assertThat(session.wait(Duration.ofSeconds(700)))
                .singleElement()
                .asString()
                .startsWith("421 4.4.2");
    }

    @Test
    void closingAnswersForAMessagePastItsDotFirst() {
        ServedSession session = ServedSession.slowKafka();
        session.send(BEGIN + "hi\r\n.\r\n");
        session.channel.pipeline().get(SessionHandler.class).shutDown();
        assertThat(session.heard()).isEmpty();
        session.kafka.completeNext();
        List<String> heard = session.heard();
        assertThat(heard).hasSize(2);
        assertThat(heard.get(0)).startsWith("250 2.0.0");
        assertThat(heard.get(1)).startsWith("421 4.3.2");
        assertThat(session.closed()).isTrue();
    }

    @Test
    void closingEndsOtherSessionsAtOnce() {
        ServedSession session = ServedSession.ordinary();
        session.send(BEGIN + "not yet all");
        session.channel.pipeline().get(SessionHandler.class).shutDown();
        assertThat(session.heard()).singleElement().asString().startsWith("421 4.3.2");
        assertThat(session.closed()).isTrue();
        assertThat(session.gauge("postroad_ingress_octets_in_flight")).isZero();
    }
}
