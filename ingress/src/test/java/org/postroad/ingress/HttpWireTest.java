package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KafkaSettings;

/** Requests as octets: pipelined, split, half sent, in doubt, too large, and what of them is in Kafka. */
@Tag("broker")
@Tag("long")
class HttpWireTest {
    private static final String RAW =
            "POST /v1/messages?from=a@x.example&to=b@y.example HTTP/1.1|Host: h|Content-Type: message/rfc822|";

    private static EmbeddedBroker broker;
    private static HttpNode node;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
        KafkaSettings kafka = KafkaSettings.local(broker.bootstrapServers());
        HttpNode.createTopics(kafka);
        node = new HttpNode(kafka, directory);
    }

    @AfterAll
    static void stop() {
        node.close();
        broker.close();
    }

    @Test
    void whatIsLargerThanTheLimitIsRefusedBeforeItIsRead() throws Exception {
        try (HttpWire wire = HttpWire.connect(node.open())) {
            wire.say(RAW + "Expect: 100-continue|Content-Length: 60000001||");
            assertThat(wire.answer()).startsWith("HTTP/1.1 413 ").contains("60000000 octets");
            assertThat(wire.isEnded()).isTrue();
        }
        try (HttpWire wire = HttpWire.connect(node.open())) {
            wire.say("POST /v1/messages HTTP/1.1|Host: h|Content-Type: application/json|Transfer-Encoding: chunked||");
            byte[] chunk = ("100000\r\n" + " ".repeat(0x100000) + "\r\n").getBytes(ISO_8859_1);
            for (int i = 0; i < 11; i++) {
                wire.send(chunk);
            }
            assertThat(wire.answer()).startsWith("HTTP/1.1 413 ").contains("connection: close");
            assertThat(wire.isEnded()).isTrue();
        }
        assertThat(node.octetsInFlight()).isZero();
    }

    @Test
    void whoAsksFirstIsToldToGoOn() throws Exception {
        try (HttpWire wire = HttpWire.connect(node.open())) {
            wire.say(RAW + "Expect: 100-continue|Content-Length: 12||");
            assertThat(wire.answer()).startsWith("HTTP/1.1 100 ");
            wire.say("A: b||hi|");
            assertThat(wire.answer()).startsWith("HTTP/1.1 202 ");
            wire.say(RAW + "Expect: more|Content-Length: 12||A: b||hi|");
            assertThat(wire.answer()).startsWith("HTTP/1.1 417 ");
        }
    }

    @Test
    void requestsBehindOneAnotherAreAnsweredInOrder() throws Exception {
        try (HttpWire wire = HttpWire.connect(node.open())) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                all.append(RAW).append("Content-Length: 12||A: b||" + (char) ('A' + i % 26) + "i|");
                all.append("GET /no HTTP/1.1|Host: h||");
            }
            wire.say(all.toString()).endOutput();
            Map<String, Envelope> kept = Map.of();
            for (int i = 0; i < 50; i++) {
                String answer = wire.answer();
                assertThat(answer).startsWith("HTTP/1.1 202 ");
                assertThat(wire.answer()).startsWith("HTTP/1.1 404 ");
                kept = kept.containsKey(HttpNode.queueIds(answer).get(0)) ? kept : node.envelopes();
                assertThat(HttpNode.inline(Objects.requireNonNull(
                                kept.get(HttpNode.queueIds(answer).get(0)))))
                        .endsWith("\r\n\r\n" + (char) ('A' + i % 26) + "i\r\n");
            }
            assertThat(wire.isEnded()).isTrue();
        }
    }

    @Test
    void oneOctetAtATimeIsTheSame() throws Exception {
        try (HttpWire wire = HttpWire.connect(node.open())) {
            String request = RAW + "Transfer-Encoding: chunked||1|A|5; x=y|: b\r\n|3|\r\nh|1|i|0|X: y||";
            for (byte octet : request.replace("|", "\r\n").getBytes(UTF_8)) {
                wire.send(new byte[] {octet});
            }
            String answer = wire.answer();
            assertThat(answer).startsWith("HTTP/1.1 202 ");
            Envelope envelope = node.envelope(HttpNode.queueIds(answer).get(0));
            assertThat(HttpNode.inline(envelope)).startsWith("A: b\r\n").endsWith("\r\n\r\nhi\r\n");
        }
    }

    /** Nobody takes what follows for a request. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 0|Content-Length: 44||",
                "Content-Length: 4|Transfer-Encoding: chunked||0||",
                "Transfer-Encoding: xchunked||",
                "Transfer-Encoding: chunked||zz|",
                "Transfer-Encoding: chunked||1\nA|0||",
                "Transfer-Encoding: chunked||2|A|0||",
                "Transfer-Encoding: chunked||-1|A|0||",
                "Transfer-Encoding: chunked||5\rhello|0||",
                "Transfer-Encoding: chunked||5 5|hello|0||",
                "Transfer-Encoding: chunked|| 5|hello|0||",
                "Transfer-Encoding: chunked||5;a\rb|hello|0||",
                "Transfer-Encoding: chunked||0x5|hello|0||",
                "Transfer-Encoding: chunked||00000000000000005|hello|0||",
                "Transfer-Encoding: chunked||5|hello|5\rhello|0||",
                "X: y| Transfer-Encoding: chunked|Content-Length: 5||hello",
            })
    void aLengthInDoubtEndsTheConnection(String rest) throws Exception {
        int before = node.allEnvelopes().size();
        try (HttpWire wire = HttpWire.connect(node.open())) {
            wire.say(RAW + rest + RAW + "Content-Length: 12||A: b||hi|");
            assertThat(wire.answer()).startsWith("HTTP/1.1 400 ").contains("connection: close");
            assertThat(wire.isEnded()).isTrue();
        }
        assertThat(node.allEnvelopes()).hasSize(before);
    }

    @Test
    void halfARequestLeavesNothing() throws Exception {
        int before = node.allEnvelopes().size();
        for (String half : List.of(
                "POST /v1",
                RAW,
                RAW + "Content-Length: 12||",
                RAW + "Content-Length: 12||A: b||h",
                RAW + "Transfer-Encoding: chunked||5|A: b|")) {
            try (HttpWire wire = HttpWire.connect(node.open())) {
                wire.say(half).endOutput();
                assertThat(wire.answer()).doesNotContain(" 202 ");
                assertThat(wire.isEnded()).isTrue();
            }
        }
        assertThat(node.allEnvelopes()).hasSize(before);
        assertThat(node.octetsInFlight()).isZero();
    }

    @Test
    void pagesInBrowsersDoNotSendForThoseWhoLookAtThem() throws Exception {
        try (HttpWire wire = HttpWire.connect(node.open())) {
            wire.say(RAW + "Origin: https://evil.example|Content-Length: 12||A: b||hi|");
            assertThat(wire.answer()).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void smtpIsNoHttp() throws Exception {
        try (HttpWire wire = HttpWire.connect(node.open())) {
            wire.say("EHLO c|MAIL FROM:<a@x.example>|RCPT TO:<b@y.example>|DATA|");
            assertThat(wire.answer()).startsWith("HTTP/1.1 400 ");
            assertThat(wire.isEnded()).isTrue();
        }
    }

    @Test
    void clientsThatDoNotWaitForTheAnswerLeaveNoMemoryHeld() throws Exception {
        byte[] file = new byte[6_000_000];
        new Random(6).nextBytes(file);
        String body = "{\"from\":\"a@x.example\",\"to\":\"b@y.example\",\"attachments\":[{\"name\":\"f\",\"content\":\""
                + Base64.getEncoder().encodeToString(file) + "\"}]}";
        for (int i = 0; i < 5; i++) {
            try (HttpWire wire = HttpWire.connect(node.open())) {
                wire.say("POST /v1/messages HTTP/1.1|Host: h|Content-Type: application/json|Content-Length: "
                        + body.length() + "||");
                wire.send(body.getBytes(ISO_8859_1));
                wire.abort();
            }
        }
        long begunAt = System.nanoTime();
        while (node.octetsInFlight() + node.jsonOctets() > 0) {
            assertThat(System.nanoTime() - begunAt).isLessThan(60_000_000_000L);
            assertThat(new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS)).isFalse();
        }
    }
}
