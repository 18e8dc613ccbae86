package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.PostedRequest;

/** Requests that have keys, on two nodes that share a real Kafka: a repetition is called what the first was. */
@Tag("broker")
class HttpKeyTest {
    private static final String TARGET = "/v1/messages?from=a@x.example&to=b@y.example&to=B@Y.example&to=c@y.example";
    private static final String MESSAGE = "Subject: hi\r\n\r\nhi\r\n";

    private static EmbeddedBroker broker;
    private static KafkaSettings kafka;
    private static Path files;
    private static HttpNode one;
    private static HttpNode other;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
        kafka = KafkaSettings.local(broker.bootstrapServers());
        HttpNode.createTopics(kafka);
        files = directory;
        one = new HttpNode(kafka, files);
        other = new HttpNode(kafka, files);
    }

    @AfterAll
    static void stop() {
        one.close();
        other.close();
        broker.close();
    }

    private static HttpRequest raw(InetSocketAddress node, String key, String message, @Nullable String login) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.getPort() + TARGET))
                .header("Content-Type", "message/rfc822")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(message));
        return login(request, login).build();
    }

    private static HttpRequest.Builder login(HttpRequest.Builder request, @Nullable String user) {
        String password = user + ":" + HttpNode.PASSWORD;
        return user == null
                ? request
                : request.header(
                        "Authorization", "Basic " + Base64.getEncoder().encodeToString(password.getBytes(UTF_8)));
    }

    private static HttpRequest json(InetSocketAddress node, String key, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.getPort() + "/v1/messages"))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(body.replace('\'', '"')))
                .build();
    }

    private HttpResponse<String> send(HttpRequest request) throws Exception {
        return client.send(request, BodyHandlers.ofString());
    }

    private static List<String> kept(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        return HttpNode.queueIds(response.body());
    }

    private static List<Envelope> envelopes(String queueId) throws Exception {
        return one.allEnvelopes().stream()
                .filter(each -> each.getQueueId().equals(queueId))
                .toList();
    }

    @Test
    void aRepetitionOnAnotherNodeHasTheSameAnswer() throws Exception {
        HttpResponse<String> first = send(raw(one.open(), "again", MESSAGE, null));
        assertThat(kept(first)).hasSize(1);
        for (int i = 0; i < 5; i++) {
            HttpResponse<String> repeated = send(raw(i % 2 == 0 ? other.open() : one.open(), "again", MESSAGE, null));
            assertThat(repeated.statusCode()).isEqualTo(202);
            assertThat(repeated.body()).isEqualTo(first.body());
        }
        assertThat(envelopes(kept(first).get(0))).isNotEmpty();
    }

    @Test
    void aRepetitionAfterARestartHasTheSameAnswerAndIsNotWrittenAgain() throws Exception {
        HttpResponse<String> first = send(raw(one.open(), "restart", MESSAGE, null));
        one.close();
        one = new HttpNode(kafka, files);
        HttpResponse<String> repeated = send(raw(one.open(), "restart", MESSAGE, null));
        assertThat(repeated.body()).isEqualTo(first.body());
        assertThat(envelopes(kept(first).get(0))).hasSize(1);
    }

    /** It is only compared, and never kept; but it is read, for as long as it comes. */
    @Test
    void aRepetitionThatIsLargerThanAnyMessageIsRefused() throws Exception {
        assertThat(kept(send(raw(one.open(), "flood", MESSAGE, null)))).hasSize(1);
        try (HttpWire wire = HttpWire.connect(one.open())) {
            wire.say("POST " + TARGET + " HTTP/1.1|Host: h|Content-Type: message/rfc822|Idempotency-Key: flood|"
                    + "Transfer-Encoding: chunked||");
            byte[] chunk = ("100000\r\n" + " ".repeat(0x100000) + "\r\n").getBytes(UTF_8);
            for (int sent = 0; sent <= HttpNode.MAX_SIZE; sent += 0x100000) {
                wire.send(chunk);
            }
            assertThat(wire.answer()).startsWith("HTTP/1.1 413 ").contains("connection: close");
        }
    }

    @Test
    void ofRequestsAtOnceAllHaveTheSameAnswer() throws Exception {
        for (int round = 0; round < 10; round++) {
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                HttpRequest request = raw(i % 2 == 0 ? one.open() : other.open(), "at-once-" + round, MESSAGE, null);
                all.add(client.sendAsync(request, BodyHandlers.ofString()));
            }
            List<List<String>> ids = new ArrayList<>();
            for (CompletableFuture<HttpResponse<String>> each : all) {
                ids.add(kept(each.get(60, TimeUnit.SECONDS)));
            }
            assertThat(ids.stream().distinct()).hasSize(1);
            assertThat(one.partitionsOf(ids.get(0).get(0)))
                    .as("whoever wrote it")
                    .hasSize(1);
        }
    }

    @Test
    void whoDidNotHearTheFirstAnswerHearsItTheNextTime() throws Exception {
        int before = one.allEnvelopes().size();
        try (HttpWire wire = HttpWire.connect(one.open())) {
            wire.say("POST " + TARGET + " HTTP/1.1|Host: h|Content-Type: message/rfc822|Idempotency-Key: lost|"
                    + "Content-Length: " + MESSAGE.length() + "||" + MESSAGE.replace("\r\n", "|"));
            while (one.allEnvelopes().size() == before) {
                Thread.onSpinWait();
            }
            wire.abort();
        }
        String queueId = one.allEnvelopes().stream()
                .map(Envelope::getQueueId)
                .max(String::compareTo)
                .orElseThrow();
        assertThat(kept(send(raw(other.open(), "lost", MESSAGE, null)))).containsExactly(queueId);
    }

    /** A node has died between its claim and the mail. */
    @Test
    void whatADeadNodeClaimedIsWrittenUnderItsName() throws Exception {
        String queueId = "01JDZZZZZZZZZZZZZZZZZZZZZZ";
        claim("dead", queueId);
        assertThat(kept(send(raw(one.open(), "dead", MESSAGE, null)))).containsExactly(queueId);
        assertThat(envelopes(queueId)).hasSize(1);
        assertThat(kept(send(raw(other.open(), "dead", MESSAGE, null)))).containsExactly(queueId);
    }

    private static void claim(String key, String queueId) throws Exception {
        MessageDigest content = MessageDigest.getInstance("SHA-256");
        content.update(("message/rfc822 " + TARGET + "\n" + MESSAGE).getBytes(UTF_8));
        MessageDigest itsKey = MessageDigest.getInstance("SHA-256");
        itsKey.update(("\0" + key).getBytes(UTF_8));
        PostedRequest claim = new PostedRequest(
                "dead",
                0L,
                ByteBuffer.wrap(itsKey.digest(), 0, 16).slice(),
                ByteBuffer.wrap(content.digest(), 0, 16).slice(),
                queueId,
                false,
                null);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(kafka.producer("dead"))) {
            byte[] octets = new Codec<>(PostedRequest.class, HttpNode.SCHEMAS).encode(claim);
            producer.send(new ProducerRecord<>(HttpNode.TOPICS.requests().name(), 0, null, octets))
                    .get();
        }
    }

    /** Somebody else writes to the topic. */
    @Test
    void whatNobodyCanReadDoesNoHarm() throws Exception {
        PostedRequest odd = new PostedRequest(
                "odd", 0L, ByteBuffer.wrap(new byte[3]), ByteBuffer.wrap(new byte[0]), "", true, null);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(kafka.producer("odd"))) {
            for (byte[] octets :
                    new byte[][] {{1, 2, 3}, null, new Codec<>(PostedRequest.class, HttpNode.SCHEMAS).encode(odd)}) {
                producer.send(new ProducerRecord<>(HttpNode.TOPICS.requests().name(), 0, null, octets))
                        .get();
            }
        }
        List<String> first = kept(send(raw(one.open(), "harmless", MESSAGE, null)));
        assertThat(kept(send(raw(other.open(), "harmless", MESSAGE, null)))).isEqualTo(first);
    }

    @Test
    void aKeyIsOfOneRequestAlone() throws Exception {
        kept(send(raw(one.open(), "mine", MESSAGE, null)));
        for (HttpRequest another : List.of(
                raw(one.open(), "mine", MESSAGE + "more\r\n", null),
                raw(other.open(), "mine", MESSAGE + "more\r\n", null),
                json(one.open(), "mine", "{'from': 'a@x.example', 'to': 'b@y.example', 'text': 'hi'}"))) {
            HttpResponse<String> response = send(another);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
            assertThat(response.body()).contains("\"field\":\"Idempotency-Key\"");
        }
    }

    @Test
    void anotherUsersKeyIsAnotherKey() throws Exception {
        List<String> alices = kept(send(raw(one.clear(), "user", MESSAGE, "alice")));
        assertThat(kept(send(raw(other.clear(), "user", MESSAGE, "alice")))).isEqualTo(alices);
        assertThat(kept(send(raw(one.clear(), "user", MESSAGE, "bob")))).isNotEqualTo(alices);
        assertThat(kept(send(raw(one.open(), "user", MESSAGE, null)))).isNotEqualTo(alices);
    }

    @Test
    void allMailsOfARequestKeepTheirNames() throws Exception {
        String body = "{'from': 'a@x.example', 'to': ['b@y.example', 'c@y.example', 'd@y.example'], 'text': '{{n}}',"
                + "'substitutions': {'b@y.example': {'n': '1'}, 'c@y.example': {'n': '2'}, 'd@y.example': {'n': '3'}}}";
        HttpResponse<String> first = send(json(one.open(), "many", body));
        assertThat(kept(first)).hasSize(3).doesNotHaveDuplicates();
        assertThat(send(json(other.open(), "many", body)).body()).isEqualTo(first.body());
        assertThat(send(json(one.open(), "many", body.replace("'3'", "'4'"))).statusCode())
                .isEqualTo(422);
    }

    @Test
    void whoseQuotaIsExhaustedStillHearsOfItsLastMail() throws Exception {
        String user = "by-hour";
        kept(send(raw(one.clear(), "q1", MESSAGE, user)));
        kept(send(raw(one.clear(), "q2", MESSAGE, user)));
        List<String> third = kept(send(raw(one.clear(), "q3", MESSAGE, user)));
        assertThat(send(raw(one.clear(), "q4", MESSAGE, user)).statusCode()).isEqualTo(429);
        assertThat(kept(send(raw(one.clear(), "q3", MESSAGE, user)))).isEqualTo(third);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "\u00e4"})
    void whatIsNoKeyIsRefused(String key) throws Exception {
        try (HttpWire wire = HttpWire.connect(one.open())) {
            wire.say("POST " + TARGET + " HTTP/1.1|Host: h|Content-Type: message/rfc822|Idempotency-Key: " + key
                    + "|Content-Length: 12||A: b||hi|");
            assertThat(wire.answer()).startsWith("HTTP/1.1 400 ").contains("\"field\":\"Idempotency-Key\"");
        }
        try (HttpWire wire = HttpWire.connect(one.open())) {
            wire.say("POST " + TARGET + " HTTP/1.1|Host: h|Content-Type: message/rfc822|Idempotency-Key: "
                    + "k".repeat(256) + "|Content-Length: 12||A: b||hi|");
            assertThat(wire.answer()).startsWith("HTTP/1.1 400 ");
        }
    }
}
