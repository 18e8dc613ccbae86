package org.postroad.deploy.observer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prometheus.client.CollectorRegistry;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.Event;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;

/** The observer when its events, its index or its cluster go. */
@Tag("broker")
class ObserverFaultsTest {
    private static final Duration LIFETIME = Duration.ofDays(5);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Topics TOPICS =
            new Topics("test.", Topics.Size.STANDALONE, List.of(Duration.ofSeconds(1)), LIFETIME);
    private static final String EVENTS = TOPICS.events().name();

    @TempDir
    Path directory = Path.of("");

    private final IndexedEvents events = new IndexedEvents();
    private final HttpClient http = HttpClient.newHttpClient();
    private EmbeddedBroker broker;
    private KafkaSettings kafka;

    @BeforeEach
    void start() throws Exception {
        broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
        kafka = new KafkaSettings(broker.bootstrapServers(), "test.", Map.of(), false);
        createTopics();
    }

    private void createTopics() {
        try (TopicAdmin admin = new TopicAdmin(kafka, TOPICS)) {
            admin.create();
        }
    }

    @AfterEach
    void end() {
        broker.close();
    }

    private Observer observer() throws Exception {
        ObserverConfig config = new ObserverConfig(new InetSocketAddress("127.0.0.1", 0), List.of(), "this");
        return Observer.start(config, directory.resolve("observer"), kafka, TOPICS, LIFETIME, new CollectorRegistry());
    }

    private void write(Event.Kind kind, String id, String... recipients) throws Exception {
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(kafka.producer("test"))) {
            byte[] json = events.json(kind, id, event -> event.with("destination", "x.test"), recipients);
            producer.send(new ProducerRecord<>(EVENTS, 0, id.getBytes(UTF_8), json))
                    .get();
        }
    }

    private HttpRequest request(Observer observer, String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + observer.address().getPort() + path))
                .build();
    }

    /** Asks until it answers so. */
    private JsonNode await(Observer observer, String path, Predicate<JsonNode> wanted) throws Exception {
        long begunAt = System.nanoTime();
        while (true) {
            HttpResponse<String> answer = http.send(request(observer, path), HttpResponse.BodyHandlers.ofString());
            JsonNode json = new ObjectMapper().readTree(answer.body());
            if (answer.statusCode() == 200 && wanted.test(json)) {
                return json;
            }
            assertThat(System.nanoTime() - begunAt).as(answer.body()).isLessThan(PATIENCE.toNanos());
        }
    }

    private static Predicate<JsonNode> underWay(int recipients) {
        return answer -> answer.path("recipients").asInt() == recipients
                && answer.path("lag").asInt() == 0;
    }

    @Test
    void anotherTopicOfTheSameNameIsSeenThoughItIsLonger() throws Exception {
        try (Observer observer = observer()) {
            write(Event.Kind.ACCEPTED, events.id(), "a@x.test", "b@x.test");
            await(observer, "/v1/queue", underWay(2));
            InputStream followed = http.send(request(observer, "/v1/events"), HttpResponse.BodyHandlers.ofInputStream())
                    .body();
            try (Admin admin = Admin.create(kafka.admin("test"))) {
                admin.deleteTopics(List.of(EVENTS)).all().get();
                createTopics();
            }
            for (int i = 0; i < 5; i++) {
                write(Event.Kind.ACCEPTED, events.id(), "c@x.test");
            }
            await(observer, "/v1/queue", underWay(5));
            assertThat(await(observer, "/v1/ledger", answer -> true)
                            .path("accepted")
                            .asInt())
                    .isEqualTo(5);
            followed.transferTo(java.io.OutputStream.nullOutputStream()); // whoever followed the first is let go
        }
    }

    @Test
    void whoCameToAnEndInEventsThatWereMissedIsNotUnderWayForEver() throws Exception {
        String id = events.id();
        write(Event.Kind.ACCEPTED, id, "a@x.test");
        try (Observer observer = observer()) {
            assertThat(await(observer, "/v1/queue", underWay(1)).path("gaps").asBoolean(true))
                    .isFalse();
        }
        write(Event.Kind.DELIVERED, id, "a@x.test");
        write(Event.Kind.ACCEPTED, events.id(), "b@x.test", "c@x.test");
        try (Admin admin = Admin.create(kafka.admin("test"))) {
            admin.deleteRecords(Map.of(new TopicPartition(EVENTS, 0), RecordsToDelete.beforeOffset(2)))
                    .all()
                    .get();
        }
        try (Observer observer = observer()) {
            assertThat(await(observer, "/v1/queue", underWay(2)).path("gaps").asBoolean())
                    .isTrue();
            assertThat(await(observer, "/v1/messages/" + id, answer -> true).path("events"))
                    .isEmpty();
        }
    }

    @Test
    void withoutKafkaItAnswersWhatItKnows() throws Exception {
        write(Event.Kind.ACCEPTED, events.id(), "a@x.test");
        try (Observer observer = observer()) {
            await(observer, "/v1/queue", underWay(1));
            broker.close();
            JsonNode answer =
                    await(observer, "/v1/queue", json -> json.path("lag").asInt() == -1);
            assertThat(answer.path("recipients").asInt()).isEqualTo(1);
        }
        try (Observer observer = observer()) {
            JsonNode answer =
                    await(observer, "/v1/queue", json -> json.path("lag").asInt() == -1);
            assertThat(answer.path("recipients").asInt()).isEqualTo(1);
        }
    }

    @Test
    void aDamagedIndexIsMadeAnew() throws Exception {
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(kafka.producer("test"))) {
            for (int i = 0; i < 2_000; i++) {
                String id = events.id();
                byte[] json = events.json(Event.Kind.ACCEPTED, id, event -> event, "a@x" + i + ".test");
                producer.send(new ProducerRecord<>(EVENTS, 0, id.getBytes(UTF_8), json));
            }
        }
        try (Observer observer = observer()) {
            await(observer, "/v1/queue", underWay(2_000));
        }
        FaultyStoreTest.damage(directory.resolve("observer"));
        try (Observer observer = observer()) {
            await(observer, "/v1/queue", underWay(2_000));
        }
    }
}
