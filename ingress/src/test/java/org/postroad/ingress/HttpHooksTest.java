package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.ingress.hook.Hook;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.MessageId;

/** Hooks that are asked about mail posted by HTTP. */
@Tag("broker")
class HttpHooksTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String RAW = "Subject: hi\r\n\r\ntext\r\n";
    private static final String JSON = """
            {"from": "a@x.example", "to": ["b@y.example", "c@z.example"], "subject": "hi {{n}}", "text": "text",
             "substitutions": {"b@y.example": {"n": "B"}, "c@z.example": {"n": "C"}}}""";

    private static Path directory;
    private static EmbeddedBroker broker;
    private static KafkaSettings kafka;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void start(@TempDir Path shared) throws Exception {
        directory = shared;
        broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
        kafka = KafkaSettings.local(broker.bootstrapServers());
        HttpNode.createTopics(kafka);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static HttpNode asking(Hook... hooks) throws Exception {
        return new HttpNode(kafka, directory, List.of(hooks));
    }

    private static Hook http(FakeHttpHook hook, Hook.OnFailure onFailure) {
        return HookedNode.http("h", hook.port(), LONG, onFailure);
    }

    private HttpResponse<String> post(HttpNode node, String query, String type, String body, String... fields)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + node.open().getPort() + "/v1/messages" + query))
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(body));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> raw(HttpNode node, String body, String... fields) throws Exception {
        return post(node, "?from=a@x.example&to=b@y.example", "message/rfc822", body, fields);
    }

    @Test
    void aMessageAsItIsIsAskedAboutByTheNameThatItsClientHears() throws Exception {
        String accepting = "{\"action\": \"accept\", \"class\": \"bulk\", \"meta\": {\"score\": \"3\"}}";
        try (FakeHttpHook hook = FakeHttpHook.answering(accepting);
                HttpNode node = asking(http(hook, Hook.OnFailure.DEFER))) {
            HttpResponse<String> answer = raw(node, RAW);
            assertThat(answer.statusCode()).isEqualTo(202);
            String queueId = HttpNode.queueIds(answer.body()).get(0);
            JsonNode asked = new ObjectMapper().readTree(hook.questions.get(0));
            assertThat(asked.path("queueId").asText()).isEqualTo(queueId);
            assertThat(asked.path("listener").asText()).isEqualTo("open");
            assertThat(asked.path("header").asText())
                    .contains("Subject: hi", "Message-ID: <" + queueId + "@mx.example>");
            assertThat(asked.at("/envelope/from").asText()).isEqualTo("a@x.example");
            Envelope kept = node.envelope(queueId);
            assertThat(kept.getTrafficClass()).isEqualTo("bulk");
            assertThat(kept.getMeta()).containsEntry("score", "3");
            assertThat(MessageId.of(kept)).isEqualTo(queueId + "@mx.example");
            assertThat(HttpNode.inline(kept)).isEqualTo(RAW);
            assertThat(node.octetsInFlight()).isZero();
        }
    }

    @Test
    void eachMailOfARequestIsAskedAbout() throws Exception {
        try (FakeHttpHook hook = FakeHttpHook.answering("{\"action\": \"accept\"}");
                HttpNode node = asking(http(hook, Hook.OnFailure.DEFER))) {
            HttpResponse<String> answer = post(node, "", "application/json", JSON);
            assertThat(answer.statusCode()).isEqualTo(202);
            List<String> asked = new ArrayList<>();
            for (String question : hook.questions) {
                asked.add(new ObjectMapper().readTree(question).path("queueId").asText());
            }
            assertThat(asked).hasSize(2).containsExactlyInAnyOrderElementsOf(HttpNode.queueIds(answer.body()));
            for (String queueId : asked) {
                assertThat(MessageId.of(node.envelope(queueId))).isEqualTo(queueId + "@mx.example");
            }
            assertThat(node.jsonOctets()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"action": "reject", "reply": "550 5.7.1 Not from you"} | 422 | Not from you
            {"action": "reject", "reply": "550 5.1.1 Who?"}         | 422 | Who?
            {"action": "reject", "reply": "450 4.7.1 Later"}        | 503 | Later
            {"action": "defer"}                                     | 503 | deferred by policy
            nonsense                                                | 503 | Cannot check the message now
            """)
    void whatItRefusesIsNotKept(String said, int status, String why) throws Exception {
        try (FakeHttpHook hook = FakeHttpHook.answering(said);
                HttpNode node = asking(http(hook, Hook.OnFailure.DEFER))) {
            int before = node.allEnvelopes().size();
            for (HttpResponse<String> answer : List.of(raw(node, RAW), post(node, "", "application/json", JSON))) {
                assertThat(answer.statusCode()).isEqualTo(status);
                assertThat(answer.body()).contains(why);
                assertThat(answer.headers().firstValue("Retry-After").isPresent())
                        .isEqualTo(status == 503);
            }
            assertThat(node.allEnvelopes()).hasSize(before);
            assertThat(node.octetsInFlight()).isZero();
            assertThat(node.jsonOctets()).isZero();
        }
    }

    @Test
    void oneThatFailsIsPassedOverWhereThatIsAllowed() throws Exception {
        try (FakeHttpHook hook = FakeHttpHook.answering("nonsense");
                HttpNode node = asking(http(hook, Hook.OnFailure.ACCEPT))) {
            assertThat(raw(node, RAW).statusCode()).isEqualTo(202);
        }
    }

    @Test
    void aMilterAddsFieldsToSmallAndLargeMail() throws Exception {
        String large = "Subject: hi\r\n\r\n" + "0123456789abcdef\r\n".repeat(20_000);
        try (FakeMilter milter = new FakeMilter().answer('E', "i" + FakeMilter.number(0) + "X-Signed|yes|", "c");
                HttpNode node = asking(HookedNode.milter("m", milter.port(), LONG, Hook.OnFailure.DEFER))) {
            for (String content : List.of(RAW, large)) {
                HttpResponse<String> answer = raw(node, content);
                assertThat(answer.statusCode()).isEqualTo(202);
                Envelope kept = node.envelope(HttpNode.queueIds(answer.body()).get(0));
                assertThat(HttpNode.prepended(kept)).contains("\r\nX-Signed: yes\r\n", "\r\nSubject: hi\r\n");
                assertThat(Envelopes.contentOctets(kept)).isEqualTo(content.length() - "Subject: hi\r\n".length());
            }
        }
    }

    @Test
    void aRepeatedRequestIsNotAskedAboutAgain() throws Exception {
        try (FakeHttpHook hook = FakeHttpHook.answering("{\"action\": \"accept\"}");
                HttpNode node = asking(http(hook, Hook.OnFailure.DEFER))) {
            HttpResponse<String> first = raw(node, RAW, "Idempotency-Key", "hooked");
            HttpResponse<String> again = raw(node, RAW, "Idempotency-Key", "hooked");
            assertThat(List.of(first.statusCode(), again.statusCode())).containsOnly(202);
            assertThat(again.body()).isEqualTo(first.body());
            String queueId = HttpNode.queueIds(first.body()).get(0);
            assertThat(hook.questions).hasSize(1).first().asString().contains(queueId);
            assertThat(node.envelope(queueId)).isNotNull();
        }
    }
}
