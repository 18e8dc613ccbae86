package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.ingress.hook.Hook;
import org.postroad.schemas.Envelope;

/** Hooks by HTTP that answer, and that do not. */
class HttpHookTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final String MAIL = "Subject: caf\u00c3\u00a9\r\nTo: b@y.example\r\n\r\ntext\r\n";
    private static final String TAKEN = "250 2.0.0 queued as ";
    private static final String FAILED = "451 4.7.1 Cannot check the message now, try again later";

    @Test
    void aHookIsToldOfTheMailAndMayNameItsClassTenantAndMeta() throws Exception {
        String answer =
                "{\"action\": \"accept\", \"class\": \"bulk\", \"tenant\": \"shop\", \"meta\": {\"score\": \"3\"}}";
        try (FakeHttpHook hook = FakeHttpHook.answering(answer);
                HookedNode node = HookedNode.relay(http(hook, LONG, Hook.OnFailure.DEFER))) {
            String reply = node.answerTo(MAIL);
            assertThat(reply).startsWith(TAKEN);
            Envelope kept = node.envelopes().get(0);
            assertThat(kept.getTrafficClass()).isEqualTo("bulk");
            assertThat(kept.getTenant()).isEqualTo("shop");
            assertThat(kept.getMeta()).isEqualTo(Map.of("score", "3"));
            assertThat(kept.getQueueId()).isEqualTo(reply.substring(TAKEN.length()));
            assertThat(node.kept()).isEqualTo(MAIL);

            assertThat(hook.heads.get(0)).startsWith("POST /mail HTTP/1.1\r\n").contains("application/json");
            JsonNode asked = new ObjectMapper().readTree(hook.questions.get(0));
            assertThat(asked.path("queueId").asText()).isEqualTo(kept.getQueueId());
            assertThat(asked.path("listener").asText()).isEqualTo("front");
            assertThat(asked.at("/client/address").asText()).isEqualTo("127.0.0.1");
            assertThat(asked.at("/client/greeting").asText()).isEqualTo("client.example");
            assertThat(asked.at("/client/trusted").asBoolean()).isTrue();
            assertThat(asked.at("/envelope/from").asText()).isEqualTo("a@x.example");
            assertThat(asked.at("/envelope/to/0").asText()).isEqualTo("b@y.example");
            assertThat(asked.path("header").asText()).isEqualTo("Subject: caf\u00e9\r\nTo: b@y.example\r\n");
            assertThat(asked.path("size").asLong()).isEqualTo(MAIL.length());
            assertThat(node.answers("h", "accept")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"action": "reject", "reply": "550 5.7.1 Not from you"}  | 550 5.7.1 Not from you                               | reject
            {"action": "reject", "reply": "450 later"}               | 450 4.7.1 later                                      | defer
            {"action": "reject", "reply": "421 4.7.0 go"}            | 451 4.7.0 go                                         | defer
            {"action": "reject"}                                     | 550 5.7.1 Message refused by policy                  | reject
            {"action": "defer"}                                      | 451 4.7.1 Message deferred by policy, try again later | defer
            {"action": "reject", "reply": "250 2.0.0 fine"}          | 451 4.7.1 Cannot check the message now, try again later | failed
            {"action": "allow"}                                      | 451 4.7.1 Cannot check the message now, try again later | failed
            {"action": "accept", "class": "a b"}                     | 451 4.7.1 Cannot check the message now, try again later | failed
            {"action": "accept", "meta": {"a": 1}}                   | 451 4.7.1 Cannot check the message now, try again later | failed
            {"action": "accept", "meta": {"rerouted": "1"}}          | 451 4.7.1 Cannot check the message now, try again later | failed
            {"action": "accept"} {}                                  | 451 4.7.1 Cannot check the message now, try again later | failed
            []                                                       | 451 4.7.1 Cannot check the message now, try again later | failed
            {"action":                                               | 451 4.7.1 Cannot check the message now, try again later | failed
            """)
    void itsAnswerIsTheReply(String json, String reply, String result) throws Exception {
        try (FakeHttpHook hook = FakeHttpHook.answering(json);
                HookedNode node = HookedNode.relay(http(hook, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(MAIL)).isEqualTo(reply);
            assertThat(node.envelopes()).isEmpty();
            assertThat(node.answers("h", result)).isEqualTo(1);
            HookedNode.await("memory is given back", () -> node.octetsHeld() == 0);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            HTTP/1.1 500 Oh\\r\\nContent-Length: 0\\r\\n\\r\\n
            HTTP/1.1 200 OK\\r\\nContent-Length: 10000000\\r\\n\\r\\n
            HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\n
            HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: x\\r\\nConnection: upgrade\\r\\n\\r\\n
            HTTP/1.1 103 Early Hints\\r\\n\\r\\n
            garbage\\r\\n\\r\\n
            220 mx.example ESMTP\\r\\n
            """)
    void whatIsNoAnswerIsAFailure(String octets) throws Exception {
        byte[] answer = octets.replace("\\r", "\r").replace("\\n", "\n").getBytes(ISO_8859_1);
        try (FakeHttpHook hook = new FakeHttpHook(which -> answer);
                HookedNode node = HookedNode.relay(http(hook, Duration.ofSeconds(2), Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(MAIL)).isEqualTo(FAILED);
            assertThat(node.answers("h", "failed")).isEqualTo(1);
        }
    }

    @Test
    void anAnswerThatHasNoEndIsAFailure() throws Exception {
        byte[] flood = new byte[10_000_000];
        java.util.Arrays.fill(flood, (byte) 'x');
        byte[] head = "HTTP/1.1 200 OK\r\n\r\n".getBytes(ISO_8859_1);
        System.arraycopy(head, 0, flood, 0, head.length);
        try (FakeHttpHook hook = new FakeHttpHook(which -> flood);
                HookedNode node = HookedNode.relay(http(hook, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(MAIL)).isEqualTo(FAILED);
        }
    }

    @Test
    void withoutAnAnswerMailIsDeferredOrTakenAsConfigured() throws Exception {
        try (FakeHttpHook silent = new FakeHttpHook(which -> FakeHttpHook.SILENCE);
                HookedNode deferring = HookedNode.relay(http(silent, SHORT, Hook.OnFailure.DEFER));
                HookedNode accepting = HookedNode.relay(http(silent, SHORT, Hook.OnFailure.ACCEPT))) {
            assertThat(deferring.answerTo(MAIL)).isEqualTo(FAILED);
            assertThat(deferring.envelopes()).isEmpty();
            assertThat(accepting.answerTo(MAIL)).startsWith(TAKEN);
            assertThat(accepting.kept()).isEqualTo(MAIL);
            assertThat(accepting.answers("h", "failed")).isEqualTo(1);
            HookedNode.await("the connections are closed", () -> silent.connections.get() == 2);
        }
    }

    @Test
    void aHookThatIsNotThereIsAFailureAtOnceAndUsedAgainWhenItIsBack() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Hook hook = HookedNode.http("h", port, LONG, Hook.OnFailure.DEFER);
        try (HookedNode node = HookedNode.relay(hook)) {
            assertThat(node.answerTo(MAIL)).isEqualTo(FAILED);
            assertThat(node.answerTo(MAIL)).isEqualTo(FAILED);
        }
    }

    @Test
    void aConnectionIsUsedAgainAndOneThatWasClosedMeanwhileCostsNoMail() throws Exception {
        try (FakeHttpHook hook = FakeHttpHook.answering("{\"action\": \"accept\"}");
                HookedNode node = HookedNode.relay(http(hook, LONG, Hook.OnFailure.DEFER))) {
            for (int i = 0; i < 5; i++) {
                assertThat(node.answerTo(MAIL)).startsWith(TAKEN);
            }
            assertThat(hook.connections).hasValue(1);
            hook.hangUp();
            assertThat(node.answerTo(MAIL)).startsWith(TAKEN);
            assertThat(hook.connections).hasValue(2);
        }
    }

    @Test
    void hooksAreAskedInARowUntilOneRefuses() throws Exception {
        try (FakeHttpHook first = FakeHttpHook.answering("{\"action\": \"accept\", \"class\": \"one\"}");
                FakeHttpHook second = FakeHttpHook.answering("{\"action\": \"reject\", \"reply\": \"554 5.7.1 No\"}");
                FakeHttpHook third = FakeHttpHook.answering("{\"action\": \"accept\"}");
                HookedNode node = HookedNode.relay(
                        HookedNode.http("first", first.port(), LONG, Hook.OnFailure.DEFER),
                        HookedNode.http("second", second.port(), LONG, Hook.OnFailure.DEFER),
                        HookedNode.http("third", third.port(), LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(MAIL)).isEqualTo("554 5.7.1 No");
            assertThat(first.questions).hasSize(1);
            assertThat(third.questions).isEmpty();
        }
    }

    /** A hook that is slow sees no more connections than it may. */
    @Test
    void moreMailThanConnectionsWaits() throws Exception {
        List<SmtpClient> clients = new ArrayList<>();
        try (FakeHttpHook hook = new FakeHttpHook(which -> FakeHttpHook.SILENCE);
                HookedNode node = HookedNode.relay(http(hook, Duration.ofSeconds(10), Hook.OnFailure.ACCEPT))) {
            for (int i = 0; i < 50; i++) {
                SmtpClient client = new SmtpClient(node.address());
                clients.add(client);
                client.send(MAIL.getBytes(ISO_8859_1));
            }
            HookedNode.await("32 are asked", () -> hook.connections.get() == 32);
            for (SmtpClient client : clients) {
                assertThat(client.reply()).startsWith(TAKEN);
                client.close();
            }
            assertThat(node.envelopes()).hasSize(50);
            assertThat(node.answers("h", "failed")).isEqualTo(50);
        }
    }

    /** No 250 was said, so nothing may be kept of a client that has gone. */
    @Test
    void aClientWhoseConnectionBreaksMeanwhileHasSentNothing() throws Exception {
        try (FakeHttpHook hook = new FakeHttpHook(which -> FakeHttpHook.SILENCE);
                HookedNode node = HookedNode.relay(http(hook, LONG, Hook.OnFailure.ACCEPT))) {
            try (SmtpClient client = new SmtpClient(node.address())) {
                client.send(MAIL.getBytes(ISO_8859_1));
                HookedNode.await("it is asked", () -> hook.questions.size() == 1);
                client.reset();
            }
            HookedNode.await("memory is given back", () -> node.octetsHeld() == 0);
            HookedNode.await(
                    "the session is gone", () -> node.registry.getSampleValue("postroad_ingress_sessions") == 0);
            assertThat(node.envelopes()).isEmpty();
        }
    }

    /** One that ends its side alone may wait for the reply. */
    @Test
    void aClientThatOnlyEndsItsSideIsAnswered() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        FakeHttpHook answering = new FakeHttpHook(which -> {
            HookedNode.await("the client has ended its side", () -> ended.getCount() == 0);
            return FakeHttpHook.ok("{\"action\": \"accept\"}");
        });
        try (FakeHttpHook hook = answering;
                HookedNode node = HookedNode.relay(http(hook, LONG, Hook.OnFailure.DEFER));
                SmtpClient client = new SmtpClient(node.address())) {
            client.send(MAIL.getBytes(ISO_8859_1));
            HookedNode.await("it is asked", () -> hook.questions.size() == 1);
            client.endOutput();
            ended.countDown();
            assertThat(client.reply()).startsWith(TAKEN);
            assertThat(client.isEnded()).isTrue();
        }
    }

    /** RFC 9110 section 15.2. */
    @Test
    void anInterimAnswerIsNone() throws Exception {
        String[] answers = {"{\"action\": \"accept\"}", "{\"action\": \"reject\", \"reply\": \"550 5.7.1 spam\"}"};
        byte[] interim =
                "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n".getBytes(ISO_8859_1);
        try (FakeHttpHook hook = new FakeHttpHook(which -> {
                    byte[] answer = FakeHttpHook.ok(answers[which]);
                    byte[] both = Arrays.copyOf(interim, interim.length + answer.length);
                    System.arraycopy(answer, 0, both, interim.length, answer.length);
                    return both;
                });
                HookedNode node = HookedNode.relay(http(hook, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo(MAIL)).startsWith(TAKEN);
            assertThat(node.answerTo(MAIL)).isEqualTo("550 5.7.1 spam");
            assertThat(hook.connections).hasValue(1);
        }
    }

    /** What was idle while a question had no answer may lead to the same machine that is no more. */
    @Test
    void noIdleConnectionIsLeftAfterATimeLimit() throws Exception {
        CountDownLatch bothAsked = new CountDownLatch(2);
        try (FakeHttpHook hook = new FakeHttpHook(which -> {
                    bothAsked.countDown();
                    HookedNode.await("both are asked", () -> bothAsked.getCount() == 0);
                    return which < 2 ? FakeHttpHook.ok("{\"action\": \"accept\"}") : FakeHttpHook.SILENCE;
                });
                HookedNode node = HookedNode.relay(http(hook, Duration.ofSeconds(2), Hook.OnFailure.DEFER));
                SmtpClient one = new SmtpClient(node.address());
                SmtpClient two = new SmtpClient(node.address())) {
            one.send(MAIL.getBytes(ISO_8859_1));
            two.send(MAIL.getBytes(ISO_8859_1));
            assertThat(one.reply()).startsWith(TAKEN);
            assertThat(two.reply()).startsWith(TAKEN);
            assertThat(hook.connections).hasValue(2);
            assertThat(node.answerTo(MAIL)).isEqualTo(FAILED);
            HookedNode.await("the idle one is closed", () -> hook.open.get() == 1); // the silent one does not look
        }
    }

    @Test
    void whatHooksSayTogetherFitsAnEnvelope() throws Exception {
        String meta = "{\"action\": \"accept\", \"meta\": {\"%s\": \"" + "v".repeat(5_000) + "\"}}";
        try (FakeHttpHook first = FakeHttpHook.answering(meta.formatted("a"));
                FakeHttpHook second = FakeHttpHook.answering(meta.formatted("b"));
                HookedNode node = HookedNode.relay(
                        HookedNode.http("first", first.port(), LONG, Hook.OnFailure.DEFER),
                        HookedNode.http("second", second.port(), LONG, Hook.OnFailure.ACCEPT))) {
            assertThat(node.answerTo(MAIL)).startsWith(TAKEN);
            assertThat(node.envelopes().get(0).getMeta()).containsOnlyKeys("a");
            assertThat(node.answers("second", "failed")).isEqualTo(1);
        }
    }

    @Test
    void aHeaderSectionThatIsTooLongIsRefusedBeforeAnybodyIsAsked() throws Exception {
        try (FakeHttpHook hook = FakeHttpHook.answering("{\"action\": \"accept\"}");
                HookedNode node = HookedNode.relay(http(hook, LONG, Hook.OnFailure.DEFER))) {
            assertThat(node.answerTo("X: y\r\n".repeat(20_000) + "\r\ntext\r\n"))
                    .isEqualTo("552 5.3.4 Header section too large");
            assertThat(hook.questions).isEmpty();
            HookedNode.await("memory is given back", () -> node.octetsHeld() == 0);
        }
    }

    private static Hook http(FakeHttpHook hook, Duration timeout, Hook.OnFailure onFailure) {
        return HookedNode.http("h", hook.port(), timeout, onFailure);
    }
}
