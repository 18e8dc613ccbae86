package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.demo.SmtpClient;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;

/** A quota of 1,000 an hour over three ingress processes, clients on all of them at once, one restart in order and one kill -9. */
@Tag("broker")
@Tag("long")
class QuotaScenarioTest {
    private static final int QUOTA = 1_000;
    private static final int NODES = 3;
    private static final int CLIENTS = 12;
    private static final int PATIENCE_SECONDS = 300;

    private final AtomicInteger accepted = new AtomicInteger();
    private List<Integer> ports = List.of();

    @Test
    void soManyGoThroughAndOfAKilledNodeAtMostWhatItHadInFlightIsMissing(@TempDir Path directory) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("kafka"), 0)) {
            ports = StandaloneProcess.freePorts(2 * NODES);
            Topics topics = prepare(directory, broker.bootstrapServers());
            List<PostroadProcess> nodes = new ArrayList<>();
            for (int i = 0; i < NODES; i++) {
                nodes.add(launch(directory, i));
            }
            for (PostroadProcess node : nodes) {
                node.awaitSaid("SMTP on");
            }
            CountDownLatch third = new CountDownLatch(QUOTA / 3);
            CountDownLatch twoThirds = new CountDownLatch(QUOTA * 2 / 3);
            List<Thread> clients = IntStream.range(0, CLIENTS)
                    .mapToObj(i -> new Thread(() -> sendUntilRefused(i % NODES, third, twoThirds)))
                    .toList();
            clients.forEach(Thread::start);
            assertThat(third.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(nodes.get(0).stop()).isZero();
            nodes.set(0, launch(directory, 0));
            assertThat(twoThirds.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            nodes.get(1).kill();
            nodes.set(1, launch(directory, 1));
            for (Thread client : clients) {
                client.join(PATIENCE_SECONDS * 1_000L);
                assertThat(client.isAlive()).isFalse();
            }
            int inFlight =
                    2 * CLIENTS / NODES; // the clients of the one that was restarted came to the one that was killed
            assertThat(accepted.get()).isBetween(QUOTA - inFlight, QUOTA);
            assertThat(kept(broker, topics)).isBetween((long) accepted.get(), (long) QUOTA);
            for (PostroadProcess node : nodes) {
                node.close();
            }
        }
    }

    private Topics prepare(Path directory, String brokers) throws IOException {
        for (int i = 0; i < NODES; i++) {
            Files.writeString(config(directory, i), """
                    node: {hostname: postroad.test, metrics-address: "127.0.0.1:%d"}
                    kafka: {bootstrap-servers: "%s"}
                    ingress:
                      listeners: [{name: test, address: "127.0.0.1:%d"}]
                      quotas: [{for: client, mails: [%d/h]}]
                    """.formatted(ports.get(NODES + i), brokers, ports.get(i), QUOTA));
        }
        Topics topics = Configuration.load(config(directory, 0), Map.of()).topics(Topics.Size.STANDALONE);
        try (TopicAdmin admin = new TopicAdmin(KafkaSettings.local(brokers), topics)) {
            admin.create();
        }
        return topics;
    }

    private static Path config(Path directory, int node) {
        return directory.resolve("node" + node + ".yaml");
    }

    private static PostroadProcess launch(Path directory, int node) throws IOException {
        return PostroadProcess.launch(
                directory.resolve("node" + node + ".log"),
                "ingress",
                "--config",
                config(directory, node).toString(),
                "--data",
                directory.resolve("data" + node).toString());
    }

    private void sendUntilRefused(int first, CountDownLatch third, CountDownLatch twoThirds) {
        int node = first;
        while (true) {
            try (SmtpClient client = SmtpClient.connect(new InetSocketAddress("127.0.0.1", ports.get(node % NODES)))) {
                while (true) {
                    client.send("a@a.test", List.of("b@b.test"), "Subject: counted\r\n\r\n");
                    accepted.incrementAndGet();
                    third.countDown();
                    twoThirds.countDown();
                }
            } catch (IOException e) {
                if (String.valueOf(e.getMessage()).contains("450 4.7.1")) {
                    return;
                }
                node++; // it closes, or was killed
            }
        }
    }

    private static long kept(EmbeddedBroker broker, Topics topics) {
        KafkaSettings kafka = KafkaSettings.local(broker.bootstrapServers());
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(kafka.consumer("test"))) {
            List<TopicPartition> partitions = IntStream.range(
                            0, topics.inbound().partitions())
                    .mapToObj(i -> new TopicPartition(topics.inbound().name(), i))
                    .toList();
            return consumer.endOffsets(partitions).values().stream()
                    .mapToLong(end -> end)
                    .sum();
        }
    }
}
