package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.deploy.config.Configuration;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGTERM at any moment of a start: one line and exit code 0. The ordinary build stops each command twice; {@code
 * -Dpostroad.stops=50 -Dpostroad.seed=N} does it more often, or again.
 */
@Tag("long")
class StopWhileStartingTest {
    private static final Logger LOG = LoggerFactory.getLogger(StopWhileStartingTest.class);
    private static final int STOPS = Integer.getInteger("postroad.stops", 2);
    private static final long SEED = Long.getLong("postroad.seed", System.nanoTime());

    /** About as long as a start takes where nothing else runs. */
    private static final int START_MILLIS = 6_000;

    /** What a JVM answers that has not come to our first line yet. */
    private static final int BEFORE_MAIN = 128 + 15;

    @Test
    void itIsOneLineAndNoFailure(@TempDir Path directory) throws Exception {
        Random random = new Random(SEED);
        int stoppedWhileStarting = 0;
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("kafka"), 0)) {
            Path file = settings(directory, broker.bootstrapServers());
            Configuration configuration = Configuration.load(file, Map.of());
            try (TopicAdmin admin =
                    new TopicAdmin(configuration.kafka(), configuration.topics(Topics.Size.STANDALONE))) {
                admin.create();
            }
            for (int stop = 0; stop < STOPS; stop++) {
                for (String command : List.of("standalone", "router", "deliverer", "ingress")) {
                    Path log = directory.resolve(command + stop + ".log");
                    String data = directory.resolve(command).toString();
                    int after = 200 + random.nextInt(START_MILLIS);
                    try (PostroadProcess process =
                            PostroadProcess.launch(log, command, "--config", file.toString(), "--data", data)) {
                        new CountDownLatch(1).await(after, TimeUnit.MILLISECONDS);
                        int code = process.stop();
                        String said = process.said();
                        LOG.atInfo()
                                .addKeyValue("command", command)
                                .addKeyValue("afterMillis", after)
                                .addKeyValue("code", code)
                                .addKeyValue("said", said)
                                .log("stopped");
                        if (code != BEFORE_MAIN) {
                            assertThat(code)
                                    .as("%s after %d ms: %s, seed %d", command, after, said, SEED)
                                    .isZero();
                            assertThat(said)
                                    .as("%s after %d ms, seed %d", command, after, SEED)
                                    .hasLineCount(1)
                                    .startsWith("postroad " + command + ": ");
                            stoppedWhileStarting += said.contains("stopped while it started") ? 1 : 0;
                        } else {
                            assertThat(said).isEmpty();
                        }
                    }
                }
            }
        }
        LOG.atWarn()
                .addKeyValue("seed", SEED)
                .addKeyValue("stopped", STOPS * 4)
                .addKeyValue("whileStarting", stoppedWhileStarting)
                .log("stopped while starting");
    }

    /** A start that waits for a Kafka that does not answer ends as well as any. */
    @Test
    void itIsNoFailureWhereKafkaIsAwayEither(@TempDir Path directory) throws Exception {
        Path file = settings(
                directory, "127.0.0.1:" + StandaloneProcess.freePorts(1).get(0));
        Path log = directory.resolve("log");
        try (PostroadProcess process = PostroadProcess.launch(
                log,
                "router",
                "--config",
                file.toString(),
                "--data",
                directory.resolve("data").toString())) {
            // Taken just before Kafka is asked, which takes ten seconds.
            Road.await(() -> Files.exists(directory.resolve("data/.router.lock")), taken -> taken);
            assertThat(process.stop()).isZero();
            assertThat(process.said()).isEqualTo("postroad router: stopped while it started" + System.lineSeparator());
        }
    }

    private static Path settings(Path directory, String bootstrapServers) throws IOException {
        return Files.writeString(directory.resolve("postroad.yaml"), """
                node: {hostname: stop.test, metrics-address: "127.0.0.1:0"}
                kafka: {bootstrap-servers: "%s"}
                ingress: {listeners: [{name: relay, address: "127.0.0.1:0"}]}
                standalone: {kafka-port: 0}
                """.formatted(bootstrapServers));
    }
}
