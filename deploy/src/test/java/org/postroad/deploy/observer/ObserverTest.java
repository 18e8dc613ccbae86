package org.postroad.deploy.observer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prometheus.client.CollectorRegistry;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.deploy.operator.WrittenTopics;
import org.postroad.schemas.Event;

/** The observer of a real broker, asked over HTTP. */
@Tag("broker")
class ObserverTest {
    private static final Duration LIFETIME = Duration.ofDays(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static @Nullable EmbeddedBroker broker;
    private static int tests;

    @TempDir
    Path directory = Path.of("");

    private final IndexedEvents events = new IndexedEvents();
    private final HttpClient http = HttpClient.newHttpClient();
    private WrittenTopics road;

    @BeforeAll
    static void startBroker(@TempDir Path data) throws Exception {
        broker = EmbeddedBroker.start(data, 0);
    }

    @AfterAll
    static void endBroker() {
        Objects.requireNonNull(broker).close();
    }

    @BeforeEach
    void start() {
        road = new WrittenTopics(Objects.requireNonNull(broker), "test" + ++tests + ".");
    }

    @AfterEach
    void end() {
        road.close();
    }

    private Observer observer(String... tokens) throws Exception {
        ObserverConfig config =
                new ObserverConfig(new InetSocketAddress("127.0.0.1", 0), List.of(tokens), "this cluster");
        return Observer.start(config, directory, road.kafka, road.topics, LIFETIME, new CollectorRegistry());
    }

    private void write(Event.Kind kind, String id, String... recipients) throws Exception {
        byte[] json = events.json(kind, id, event -> event.with("destination", "x.test"), recipients);
        road.producer
                .send(new ProducerRecord<>(road.topics.events().name(), id.getBytes(UTF_8), json))
                .get();
    }

    private HttpResponse<String> get(Observer observer, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + observer.address().getPort() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode json(Observer observer, String path) throws Exception {
        long begunAt = System.nanoTime();
        while (true) {
            HttpResponse<String> answer = get(observer, path);
            JsonNode json = new ObjectMapper().readTree(answer.body());
            if (answer.statusCode() == 200 && json.path("lag").asInt() == 0) {
                return json;
            }
            // While the index is opened for the first time it says that it is not there, or how much it lacks.
            assertThat(answer.statusCode()).as(answer.body()).isIn(200, 503);
            assertThat(System.nanoTime() - begunAt).isLessThan(PATIENCE.toNanos());
        }
    }

    @Test
    void anAnswerHasAllThatWasWrittenBeforeItWasAskedFor() throws Exception {
        try (Observer observer = observer()) {
            for (int i = 0; i < 20; i++) {
                String id = events.id();
                write(Event.Kind.ACCEPTED, id, "a@x.test");
                assertThat(json(observer, "/v1/queue").path("recipients").asInt())
                        .isEqualTo(i + 1);
                JsonNode message = json(observer, "/v1/messages/" + id);
                assertThat(message.path("events")).hasSize(1);
                assertThat(message.path("why").asText()).startsWith("a@x.test accepted at ");
            }
            assertThat(json(observer, "/v1/queue/x.test?code=4.*").path("list")).isEmpty();
            assertThat(json(observer, "/v1/queue/X.test?limit=3").path("list")).hasSize(3);
            assertThat(json(observer, "/v1/messages?recipient=A@x.test").path("messages"))
                    .hasSize(20);
            assertThat(json(observer, "/v1/ledger").path("balanced").asBoolean())
                    .isTrue();
        }
    }

    @Test
    void itGoesOnWhereItStopped() throws Exception {
        String id = events.id();
        write(Event.Kind.ACCEPTED, id, "a@x.test", "b@x.test");
        try (Observer observer = observer()) {
            assertThat(json(observer, "/v1/queue").path("recipients").asInt()).isEqualTo(2);
        }
        write(Event.Kind.DELIVERED, id, "a@x.test");
        try (Observer observer = observer()) {
            assertThat(json(observer, "/v1/queue").path("recipients").asInt()).isEqualTo(1);
            assertThat(json(observer, "/v1/ledger").path("accepted").asInt()).isEqualTo(2);
        }
    }

    @Test
    void eventsThatWereDeletedBeforeItReadThemAreAGap() throws Exception {
        try (Observer observer = observer()) {
            assertThat(json(observer, "/v1/ledger").path("gaps").asBoolean()).isFalse();
        }
        write(Event.Kind.ACCEPTED, events.id(), "a@x.test");
        try (Admin admin = Admin.create(road.kafka.admin("test"))) {
            admin.deleteRecords(
                            Map.of(new TopicPartition(road.topics.events().name(), 0), RecordsToDelete.beforeOffset(1)))
                    .all()
                    .get();
        }
        try (Observer observer = observer()) {
            assertThat(json(observer, "/v1/ledger").path("gaps").asBoolean()).isTrue();
        }
    }

    @Test
    void anIndexOfATopicThatIsNoMoreIsMadeAnew() throws Exception {
        for (int i = 0; i < 3; i++) {
            write(Event.Kind.ACCEPTED, events.id(), "a@x.test");
        }
        try (Observer observer = observer()) {
            assertThat(json(observer, "/v1/queue").path("recipients").asInt()).isEqualTo(3);
        }
        end();
        start(); // the same directory, other topics
        write(Event.Kind.ACCEPTED, events.id(), "a@x.test");
        try (Observer observer = observer()) {
            assertThat(json(observer, "/v1/queue").path("recipients").asInt()).isEqualTo(1);
        }
    }

    @Test
    void whoeverFollowsHearsWhatFits() throws Exception {
        try (Observer observer = observer()) {
            json(observer, "/v1/queue");
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + observer.address().getPort() + "/v1/events?domain=x.test"))
                    .build();
            var answer = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            String other = events.id();
            String wanted = events.id();
            write(Event.Kind.ACCEPTED, other, "a@y.test");
            write(Event.Kind.ACCEPTED, wanted, "a@x.test");
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), UTF_8))) {
                assertThat(lines.readLine()).contains(wanted, "\"event\":\"accepted\"");
            }
        }
    }

    @Test
    void itRefusesWhatIsNoQuestion() throws Exception {
        Map<String, Integer> refused = new HashMap<>(Map.of(
                "/", 404,
                "/v1/messages/x", 400,
                "/v1/messages", 400,
                "/v1/messages?recipient=a@x.test&message-id=1", 400,
                "/v1/messages?recipient=a@x.test&since=yesterday", 400,
                "/v1/queue?color=red", 400,
                "/v1/queue?reply=%28", 400,
                "/v1/queue?limit=-1", 400,
                "/v1/events?reply=x", 400,
                "/v1/queue/%ZZ", 400));
        try (Observer observer = observer()) {
            for (Map.Entry<String, Integer> each : refused.entrySet()) {
                if (each.getKey().contains("%ZZ")) {
                    continue; // no URI at all for this client
                }
                HttpResponse<String> answer = get(observer, each.getKey());
                assertThat(answer.statusCode())
                        .as(each.getKey() + answer.body())
                        .isEqualTo(each.getValue());
                assertThat(answer.body()).startsWith("{\"error\":");
            }
            HttpRequest post = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + observer.address().getPort() + "/v1/queue"))
                    .POST(HttpRequest.BodyPublishers.ofString("x"))
                    .build();
            assertThat(http.send(post, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(405);
        }
    }

    @Test
    void whereThereAreTokensARequestBringsOne() throws Exception {
        try (Observer observer = observer("first-token-of-all", "second-token-of-all")) {
            assertThat(get(observer, "/v1/ledger").statusCode()).isEqualTo(401);
            assertThat(get(observer, "/v1/ledger", "Authorization", "Bearer first")
                            .statusCode())
                    .isEqualTo(401);
            assertThat(get(observer, "/v1/ledger", "Authorization", "Basic second-token-of-all")
                            .statusCode())
                    .isEqualTo(401);
            assertThat(get(observer, "/v1/ledger", "Authorization", "Bearer second-token-of-all")
                            .statusCode())
                    .isIn(200, 503);
        }
    }

    @Test
    void itAnswersNobodyWhoMeansAnotherCluster() throws Exception {
        try (Observer observer = observer()) {
            assertThat(get(observer, "/v1/ledger", AdminRequests.CLUSTER, "another")
                            .statusCode())
                    .isEqualTo(421);
            assertThat(get(observer, "/v1/ledger", AdminRequests.CLUSTER, "this cluster")
                            .statusCode())
                    .isIn(200, 503);
        }
    }

    @Test
    void aTakenAddressIsNamed() throws Exception {
        try (Observer observer = observer()) {
            ObserverConfig config = new ObserverConfig(observer.address(), List.of(), "this cluster");
            Path other = directory.resolve("other");
            assertThatThrownBy(() ->
                            Observer.start(config, other, road.kafka, road.topics, LIFETIME, new CollectorRegistry()))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("node.admin-address");
        }
    }
}
