package org.postroad.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("broker")
class EmbeddedBrokerTest {
    /** No broker takes so long, however busy the machine is; one that hangs does. */
    private static final int HANG_MILLIS = 300_000;

    private final Path directory;

    EmbeddedBrokerTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void keepsRecordsOverACleanRestart() throws Exception {
        int port;
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0)) {
            createTopic(broker.bootstrapServers(), "kept");
            produce(broker.bootstrapServers(), "kept", "one", "two");
            port = Integer.parseInt(broker.bootstrapServers().split(":", 2)[1]);
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, port)) {
            assertThat(broker.bootstrapServers()).isEqualTo("127.0.0.1:" + port);
            assertThat(consume(broker.bootstrapServers(), "kept", 2)).containsExactly("one", "two");
            assertThat(broker.fault()).isEmpty();
        }
    }

    @Test
    void keepsRecordsOverAKill() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        BrokerToBeKilled.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            String bootstrapServers = child.inputReader().readLine();
            createTopic(bootstrapServers, "kept");
            produce(bootstrapServers, "kept", "one", "two");
            assertThatThrownBy(() -> EmbeddedBroker.start(directory, 0))
                    .isInstanceOf(DirectoryInUseException.class)
                    .hasMessageContaining(directory.toString());
        } finally {
            child.destroyForcibly().waitFor();
        }

        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0)) {
            assertThat(consume(broker.bootstrapServers(), "kept", 2)).containsExactly("one", "two");
        }
    }

    @Test
    void namesThePortThatIsInUse() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(() -> EmbeddedBroker.start(directory, other.getLocalPort()))
                    .isInstanceOf(PortInUseException.class)
                    .hasMessageContaining("127.0.0.1:" + other.getLocalPort());
            assertThat(directory).isEmptyDirectory();
        }
    }

    static void createTopic(String bootstrapServers, String name) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(new NewTopic(name, 1, (short) -1)))
                    .all()
                    .get(HANG_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    static void produce(String bootstrapServers, String topic, String... values) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                // A frozen broker's sockets are open: by default each of some four requests would wait half a minute
                // for it.
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "acks",
                        "all",
                        "request.timeout.ms",
                        3_000,
                        "max.block.ms",
                        HANG_MILLIS,
                        "delivery.timeout.ms",
                        HANG_MILLIS),
                new StringSerializer(),
                new StringSerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(topic, value)).get();
            }
        }
    }

    static List<String> consume(String bootstrapServers, String topic, int count) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "request.timeout.ms", 3_000),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long giveUp = System.nanoTime() + Duration.ofMillis(HANG_MILLIS).toNanos();
            while (values.size() < count && System.nanoTime() < giveUp) {
                consumer.poll(Duration.ofMillis(100)).forEach(polled -> values.add(polled.value()));
            }
        }
        return values;
    }
}
