package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.node.Node;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of two routers ends in the middle of the load: how long mail stands still, and that none is lost.
 *
 * <p>The limits are wide, for machines that have other work; with {@code -Dpostroad.strict=true} they are what is promised: 3 s
 * for a router that is told to end, 8 s for one that is killed.
 */
@Tag("long")
class RouterDeathTest {
    private static final Logger LOG = LoggerFactory.getLogger(RouterDeathTest.class);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final boolean STRICT = Boolean.getBoolean("postroad.strict");
    private static final Duration AFTER_KILL = Duration.ofSeconds(STRICT ? 8 : 60);
    private static final Duration AFTER_TERM = Duration.ofSeconds(STRICT ? 3 : 60);

    @Test
    void mailStandsStillForSecondsAndNoneIsLost(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("kafka"), 0)) {
            String settings = """
                    node: {hostname: death.test, metrics-address: "127.0.0.1:PORT"}
                    kafka: {bootstrap-servers: "%s"}
                    ingress: {listeners: [{name: relay, address: "127.0.0.1:0"}]}
                    router: {routes: [{domain: "*", to: ["127.0.0.1:%d"], tls: none}]}
                    """.formatted(broker.bootstrapServers(), exchanger.port());
            Configuration configuration = Configuration.load(file(directory, "here", settings, 0), Map.of());
            List<Integer> ports = StandaloneProcess.freePorts(3);
            try (TopicAdmin admin =
                    new TopicAdmin(configuration.kafka(), configuration.topics(Topics.Size.STANDALONE))) {
                admin.create();
            }
            try (PostroadProcess first = router(directory, settings, "first", ports.get(0));
                    PostroadProcess second = router(directory, settings, "second", ports.get(1));
                    Node ingress = Node.role(Node.Part.INGRESS, configuration, directory.resolve("ingress"));
                    Node deliverer = Node.role(Node.Part.DELIVERER, configuration, directory.resolve("deliverer"))) {
                NumberedLoad load = new NumberedLoad(
                        ingress.listeners().get(0), () -> exchanger.counts().mails());
                awaitReady(ports.get(0));
                awaitReady(ports.get(1));
                load.start();
                awaitMails(exchanger, 500);
                first.kill();
                Duration killed = longestStandstill(exchanger, 3_000);
                LOG.warn("killed: {} ms", killed.toMillis());

                try (PostroadProcess third = router(directory, settings, "third", ports.get(2))) {
                    awaitReady(ports.get(2));
                    second.terminate();
                    Duration ended = longestStandstill(exchanger, 3_000);
                    LOG.warn("told to end: {} ms", ended.toMillis());
                    Set<Integer> accepted = load.stop();
                    awaitAll(exchanger, accepted);
                    assertThat(killed).isLessThan(AFTER_KILL);
                    assertThat(ended).isLessThan(AFTER_TERM);
                    assertThat(second.await()).isZero();
                    assertThat(third.isAlive()).isTrue();
                }
                assertThat(deliverer).isNotNull();
            }
        }
    }

    private static PostroadProcess router(Path directory, String settings, String name, int metricsPort)
            throws IOException {
        return PostroadProcess.launch(
                directory.resolve(name + ".log"),
                "router",
                "--config",
                file(directory, name, settings, metricsPort).toString(),
                "--data",
                directory.resolve(name).toString());
    }

    private static Path file(Path directory, String name, String settings, int metricsPort) throws IOException {
        return Files.writeString(
                directory.resolve(name + ".yaml"), settings.replace("PORT", Integer.toString(metricsPort)));
    }

    private static void awaitReady(int metricsPort) throws InterruptedException {
        HttpRequest question = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + "/health/ready"))
                .build();
        while (true) {
            try {
                if (HTTP.send(question, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                // It does not listen yet.
            }
            pause();
        }
    }

    private static void awaitMails(ScriptedExchanger exchanger, long count) throws InterruptedException {
        while (exchanger.counts().mails() < count) {
            pause();
        }
    }

    /** The longest time without an arrival, until so many more have come. */
    private static Duration longestStandstill(ScriptedExchanger exchanger, long more) throws InterruptedException {
        long last = exchanger.counts().mails();
        long goal = last + more;
        long since = System.nanoTime();
        long longest = 0;
        while (last < goal) {
            pause();
            long now = System.nanoTime();
            long count = exchanger.counts().mails();
            longest = Math.max(longest, now - since);
            if (count > last) {
                last = count;
                since = now;
            }
        }
        return Duration.ofNanos(longest);
    }

    private static void awaitAll(ScriptedExchanger exchanger, Set<Integer> accepted) throws InterruptedException {
        Set<Integer> arrived = new HashSet<>();
        while (!arrived.containsAll(accepted)) {
            exchanger.mails().forEach(mail -> arrived.add(NumberedLoad.numberOf(mail.contentText())));
            pause();
        }
    }

    private static void pause() throws InterruptedException {
        new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
    }
}
