package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.KafkaSettings;

/** Whose mail by HTTP is taken: behind proxies, and of users who are bound to senders. */
@Tag("broker")
class HttpTrustTest {
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

    private int status(InetSocketAddress address, String body, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + address.getPort() + "/v1/messages"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.replace('\'', '"')));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return client.send(request.build(), BodyHandlers.ofString()).statusCode();
    }

    private static String mail(String addressing) {
        return "{" + addressing + ", 'to': ['b@y.example'], 'subject': 's', 'text': 't'}";
    }

    private static String login(String user) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + HttpNode.PASSWORD).getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Forwarded", "Via", "X-Forwarded-For", "x-real-ip"})
    void whatAProxyHandsOnIsNotTrustedForTheProxysAddress(String field) throws Exception {
        String mail = mail("'from': 'a@x.example'");
        assertThat(status(node.open(), mail)).isEqualTo(202);
        assertThat(status(node.open(), mail, field, "203.0.113.7")).isEqualTo(403);
        assertThat(status(node.clear(), mail, field, "203.0.113.7")).isEqualTo(401);
        assertThat(status(node.clear(), mail, field, "203.0.113.7", "Authorization", login("alice")))
                .isEqualTo(202);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'from': 'shop@x.example'                                | 202
            'from': 'shop@x.example', 'sender': ''                  | 202
            'from': 'shop@x.example', 'sender': 'bob@y.example'     | 202
            'from': 'ceo@z.example'                                 | 403
            'from': 'ceo@z.example', 'sender': ''                   | 403
            'from': 'CEO <ceo@z.example>', 'sender': 'a@x.example'  | 403
            'from': 'shop@x.example', 'sender': 'ceo@z.example'     | 403
            """)
    void whoIsBoundToSendersIsSoInBothPlaces(String addressing, int status) throws Exception {
        assertThat(status(node.clear(), mail(addressing), "Authorization", login("bob")))
                .isEqualTo(status);
    }

    @Test
    void whoIsBoundToNoneIsNot() throws Exception {
        assertThat(status(node.clear(), mail("'from': 'ceo@z.example', 'sender': ''"), "Authorization", login("alice")))
                .isEqualTo(202);
    }
}
