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
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.Body;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KafkaSettings;

/** Mail posted by HTTP, by a real client and by octets, and what of it is in Kafka. */
@Tag("broker")
class HttpPostTest {
    private static final String RAW =
            "POST /v1/messages?from=a@x.example&to=b@y.example HTTP/1.1|Host: h|Content-Type: message/rfc822|";

    private static EmbeddedBroker broker;
    private static HttpNode node;

    private final HttpClient client = HttpClient.newHttpClient();

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

    private static HttpRequest.Builder to(InetSocketAddress address, String path, String type) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path))
                .header("Content-Type", type);
    }

    private HttpResponse<String> raw(byte[] message, String query) throws Exception {
        return client.send(
                to(node.open(), "/v1/messages?" + query, "message/rfc822")
                        .POST(BodyPublishers.ofByteArray(message))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> json(String body) throws Exception {
        return client.send(
                to(node.open(), "/v1/messages", "application/json")
                        .POST(BodyPublishers.ofString(body.replace('\'', '"')))
                        .build(),
                BodyHandlers.ofString());
    }

    private static Envelope kept(HttpResponse<String> response) throws Exception {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        List<String> ids = HttpNode.queueIds(response.body());
        assertThat(ids).hasSize(1);
        return node.envelope(ids.get(0));
    }

    @Test
    void aRawMessageIsKeptAsItIs() throws Exception {
        String message =
                "Date: then\r\nMessage-ID: <1@x>\r\nFrom: a@x.example\r\nSubject: hi\r\n\r\n.dot\r\n.\r\n..\r\n";
        Envelope envelope = kept(raw(message.getBytes(UTF_8), "from=a@x.example&to=b@y.example&to=c+d@y.example"));
        assertThat(HttpNode.inline(envelope)).isEqualTo(message);
        assertThat(envelope.getReversePath()).isEqualTo("a@x.example");
        assertThat(envelope.getRecipients())
                .extracting(recipient -> recipient.getAddress())
                .containsExactly("b@y.example", "c+d@y.example");
        assertThat(HttpNode.prepended(envelope))
                .startsWith("Received: from [127.0.0.1] ([127.0.0.1])\r\n\tby mx.example with HTTP id "
                        + envelope.getQueueId() + "; ");
        assertThat(envelope.getReceived().getProtocol()).isEqualTo("HTTP");
        assertThat(envelope.getReceived().getListener()).isEqualTo("open");
        assertThat(envelope.getBody()).isEqualTo(Body.SEVEN_BIT);
        assertThat(envelope.getSmtpUtf8()).isFalse();
    }

    @Test
    void aRawMessageIsCompletedAndLosesItsBlindCopies() throws Exception {
        Envelope envelope = kept(raw(
                "From: a@x.example\nBcc: secret@y.example,\n other@y.example\n\ncaf\u00e9\ra".getBytes(UTF_8),
                "from=&to=j%C3%B6rg@y.example"));
        assertThat(HttpNode.inline(envelope)).isEqualTo("From: a@x.example\r\n\r\ncaf\u00e9 a\r\n");
        assertThat(HttpNode.prepended(envelope))
                .matches("(?s)Received: .*\r\nMessage-ID: <" + envelope.getQueueId()
                        + "@mx\\.example>\r\nDate: [^\r]*\r\n");
        assertThat(envelope.getReversePath()).isEmpty();
        assertThat(envelope.getBody()).isEqualTo(Body.EIGHT_BIT_MIME);
        assertThat(envelope.getSmtpUtf8()).isTrue();
    }

    @Test
    void textWithoutAHeaderSectionGetsOne() throws Exception {
        Envelope envelope = kept(raw("Hello, you".getBytes(UTF_8), "from=a@x.example&to=b@y.example"));
        assertThat(HttpNode.prepended(envelope)).endsWith("\r\n\r\n");
        assertThat(HttpNode.inline(envelope)).isEqualTo("Hello, you\r\n");
    }

    @ParameterizedTest
    @CsvSource({"message/rfc822,false", "message/global; charset=utf-8,true"})
    void whatIsBeyondAsciiInAHeaderSectionIsSaidByTheMediaType(String type, boolean smtpUtf8) throws Exception {
        HttpRequest request = to(node.open(), "/v1/messages?from=a@x.example&to=b@y.example", type)
                .POST(BodyPublishers.ofString("Subject: Gr\u00fc\u00dfe\r\n\r\nhi\r\n"))
                .build();
        Envelope envelope = kept(client.send(request, BodyHandlers.ofString()));
        assertThat(envelope.getSmtpUtf8()).isEqualTo(smtpUtf8);
        assertThat(envelope.getBody()).isEqualTo(Body.EIGHT_BIT_MIME);
    }

    @Test
    void alargeMessageInChunksOfAnySizeIsKeptOctetForOctet() throws Exception {
        byte[] message = large(8_000_000);
        HttpRequest request = to(node.open(), "/v1/messages?from=a@x.example&to=b@y.example", "message/rfc822")
                .POST(BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(message)))
                .build();
        Envelope envelope = kept(client.send(request, BodyHandlers.ofString()));
        assertThat(node.stored((ContentRef) envelope.getContent())).isEqualTo(message);
        assertThat(node.octetsInFlight()).isZero();
    }

    private static byte[] large(int size) {
        byte[] octets = new byte[size];
        new Random(3).nextBytes(octets);
        for (int i = 0; i < size; i++) {
            octets[i] = octets[i] == '\r' || octets[i] == '\n' ? (byte) 'x' : octets[i];
        }
        byte[] head = "Date: now\r\nMessage-ID: <1@x>\r\n\r\n".getBytes(UTF_8);
        System.arraycopy(head, 0, octets, 0, head.length);
        octets[size - 2] = '\r';
        octets[size - 1] = '\n';
        return octets;
    }

    @Test
    void jsonIsComposed() throws Exception {
        byte[] file = new byte[2_000_000];
        new Random(4).nextBytes(file);
        HttpResponse<String> response =
                json("{'from': 'App <a@x.example>', 'sender': 'bounce@x.example', 'to': 'b@y.example',"
                        + "'bcc': 'secret@y.example', 'subject': 'hi', 'text': 'text', 'meta': {'order': '7'},"
                        + "'attachments': [{'name': 'f', 'content': '"
                        + Base64.getEncoder().encodeToString(file) + "'}]}");
        Envelope envelope = kept(response);
        assertThat(envelope.getReversePath()).isEqualTo("bounce@x.example");
        assertThat(envelope.getMeta())
                .isEqualTo(Map.of("order", "7", "message-id", envelope.getQueueId() + "@mx.example"));
        assertThat(envelope.getRecipients()).hasSize(2);
        assertThat(((ContentRef) envelope.getContent()).getSize()).isGreaterThan(2_600_000);
        assertThat(response.body()).contains("\"recipients\":[\"b@y.example\",\"secret@y.example\"]");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(node.octetsInFlight()).isZero();
    }

    @Test
    void manyMailsOfOneRequestAreKeptEach() throws Exception {
        StringBuilder to = new StringBuilder();
        StringBuilder values = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            to.append(i == 0 ? "" : ",").append("'r").append(i).append("@y.example'");
            values.append(i == 0 ? "" : ",").append("'r" + i + "@y.example': {'n': '" + i + "'}");
        }
        HttpResponse<String> response = json("{'from': 'a@x.example', 'to': [" + to
                + "], 'subject': 'no {{n}}', 'text': 't'," + "'substitutions': {" + values + "}}");
        assertThat(response.statusCode()).isEqualTo(202);
        List<String> ids = HttpNode.queueIds(response.body());
        assertThat(ids).hasSize(300).doesNotHaveDuplicates();
        Map<String, Envelope> kept = node.envelopes();
        for (int i = 0; i < 300; i++) {
            Envelope envelope = Objects.requireNonNull(kept.get(ids.get(i)));
            assertThat(envelope.getRecipients()).hasSize(1);
            assertThat(envelope.getRecipients().get(0).getAddress()).isEqualTo("r" + i + "@y.example");
            assertThat(HttpNode.inline(envelope)).contains("Subject: no " + i + "\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET  | /v1/messages      | message/rfc822   | 405",
                "PUT  | /v1/messages      | message/rfc822   | 405",
                "POST | /v1/openapi.json  | message/rfc822   | 405",
                "POST | /v1/message       | message/rfc822   | 404",
                "GET  | /                 | message/rfc822   | 404",
                "POST | /v1/messages      | text/plain       | 415",
                "POST | /v1/messages      | message/rfc822   | 400",
                "POST | /v1/messages?from=a@x.example&to=b@y.example | message/rfc822 | 400",
                "POST | /v1/messages      | application/json | 400",
                "GET  | /v1/openapi.json  | message/rfc822   | 200"
            })
    void refusesWithAReason(String method, String path, String type, int status) throws Exception {
        HttpResponse<String> response = client.send(
                to(node.open(), path, type)
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(status);
        if (status == 405) {
            assertThat(response.headers().firstValue("Allow")).isPresent();
        }
        assertThat(response.body()).startsWith("{");
    }

    @Test
    void strangersAreRefusedAndUsersAreNamed() throws Exception {
        assertThat(posted(node.nobody(), null).statusCode()).isEqualTo(403);
        HttpResponse<String> asked = posted(node.clear(), null);
        assertThat(asked.statusCode()).isEqualTo(401);
        assertThat(asked.headers().firstValue("WWW-Authenticate"))
                .hasValueSatisfying(value -> assertThat(value).startsWith("Basic "));
        assertThat(posted(node.clear(), "alice:wrong").statusCode()).isEqualTo(401);
        assertThat(posted(node.clear(), "nobody:" + HttpNode.PASSWORD).statusCode())
                .isEqualTo(401);
        assertThat(kept(posted(node.clear(), "alice:" + HttpNode.PASSWORD)).getUser())
                .isEqualTo("alice");
        assertThat(kept(posted(node.clear(), "bob:" + HttpNode.PASSWORD)).getUser())
                .isEqualTo("bob");
        assertThat(node.metrics.getSampleValue(
                        "postroad_ingress_logins_total", new String[] {"listener", "code"}, new String[] {"clear", "535"
                        }))
                .isEqualTo(2);
        assertThat(node.metrics.getSampleValue(
                        "postroad_ingress_http_requests_total",
                        new String[] {"listener", "status"},
                        new String[] {"clear", "401"}))
                .isGreaterThanOrEqualTo(3);
    }

    @Test
    void whoIsBoundToSendersMayUseNoOther() throws Exception {
        String bob = "bob:" + HttpNode.PASSWORD;
        HttpResponse<String> refused = posted(node.clear(), bob, "alice@y.example");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("\"field\":\"from\"");
        assertThat(kept(posted(node.clear(), bob, "bob@y.example")).getReversePath())
                .isEqualTo("bob@y.example");
    }

    private HttpResponse<String> posted(InetSocketAddress address, @Nullable String login) throws Exception {
        return posted(address, login, "a@x.example");
    }

    private HttpResponse<String> posted(InetSocketAddress address, @Nullable String login, String from)
            throws Exception {
        HttpRequest.Builder request = to(address, "/v1/messages?from=" + from + "&to=b@y.example", "message/rfc822")
                .POST(BodyPublishers.ofString("Subject: hi\r\n\r\nhi\r\n"));
        if (login != null) {
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8)));
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void tlsIsSpokenFromTheFirstOctet() throws Exception {
        try (HttpWire wire = new HttpWire(trusting()
                .getSocketFactory()
                .createSocket("127.0.0.1", node.tls().getPort()))) {
            String login = Base64.getEncoder().encodeToString(("alice:" + HttpNode.PASSWORD).getBytes(UTF_8));
            wire.say(RAW + "Content-Length: 12|Authorization: Basic " + login + "||A: b||hi|");
            String answer = wire.answer();
            assertThat(answer).startsWith("HTTP/1.1 202 ");
            Envelope envelope = node.envelope(HttpNode.queueIds(answer).get(0));
            assertThat(HttpNode.prepended(envelope))
                    .contains(" with HTTPS id ")
                    .contains("(using TLSv1.3 with cipher ");
        }
    }

    private static SSLContext trusting() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                null,
                new TrustManager[] {
                    new X509TrustManager() {
                        @Override
                        public void checkClientTrusted(X509Certificate[] chain, String type) {}

                        @Override
                        public void checkServerTrusted(X509Certificate[] chain, String type) {}

                        @Override
                        public X509Certificate[] getAcceptedIssuers() {
                            return new X509Certificate[0];
                        }
                    }
                },
                null);
        return context;
    }

    @Test
    void usersHaveTheirTenantAndTheirClass() throws Exception {
        Envelope envelope = kept(posted(node.clear(), "alice:" + HttpNode.PASSWORD));
        assertThat(envelope.getTenant()).isEqualTo("shop");
        assertThat(envelope.getTrafficClass()).isEqualTo("bulk");
    }

    @Test
    void aQuotaIsForLater() throws Exception {
        String login = "by-hour:" + HttpNode.PASSWORD;
        kept(posted(node.clear(), login));
        HttpResponse<String> many = postedJson(
                login,
                "{'from': 'a@x.example', 'to': ['c@y.example', 'd@y.example', 'e@y.example'], 'text': '{{n}}',"
                        + "'substitutions': {'c@y.example': {'n': '1'}, 'd@y.example': {'n': '2'}, 'e@y.example': {'n': '3'}}}");
        assertThat(many.statusCode()).as(many.body()).isEqualTo(429);
        List<String> ids = HttpNode.queueIds(many.body());
        assertThat(ids).as("two of three are left").hasSize(2);
        assertThat(node.envelopes()).containsKeys(ids.toArray(new String[0]));
        assertThat(many.body())
                .contains("This user may send 3 messages an hour, and more after 20")
                .contains("{\"queueId\":null");
        HttpResponse<String> raw = posted(node.clear(), login);
        assertThat(raw.statusCode()).isEqualTo(429);
        assertThat(Integer.parseInt(raw.headers().firstValue("Retry-After").orElseThrow()))
                .isBetween(1, 3_600);
    }

    @Test
    void aRateIsForAMomentLaterAndTooManyAtOnceForNever() throws Exception {
        String login = "by-minute:" + HttpNode.PASSWORD;
        kept(posted(node.clear(), login));
        kept(posted(node.clear(), login));
        HttpResponse<String> raw = posted(node.clear(), login);
        assertThat(raw.statusCode()).isEqualTo(429);
        assertThat(raw.headers().firstValue("Retry-After")).hasValue("30");
        HttpResponse<String> never = postedJson(
                "by-day:" + HttpNode.PASSWORD,
                "{'from': 'a@x.example', 'to': ['c@y.example', 'd@y.example', 'e@y.example'], 'text': 'x'}");
        assertThat(never.statusCode()).as(never.body()).isEqualTo(422);
        assertThat(never.headers().firstValue("Retry-After")).isEmpty();
        assertThat(never.body()).contains("This user may send to 2 recipients a day");
    }

    private HttpResponse<String> postedJson(String login, String body) throws Exception {
        HttpRequest request = to(node.clear(), "/v1/messages", "application/json")
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8)))
                .POST(BodyPublishers.ofString(body.replace('\'', '"')))
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    @Test
    void aLoopIsRefused() throws Exception {
        HttpResponse<String> response =
                raw(("Received: x\r\n".repeat(101) + "\r\n").getBytes(UTF_8), "from=a@x.example&to=b@y.example");
        assertThat(response.statusCode()).isEqualTo(422);
    }
}
