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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.node.Node;
import org.postroad.deploy.operator.Terms;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of two deliverers is frozen in the middle of the load for longer than its session, its successor does its work, and it
 * wakes beside it.
 */
@Tag("broker")
class FrozenProcessTest {
    private static final Logger LOG = LoggerFactory.getLogger(FrozenProcessTest.class);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** No final dot is sent later after the last commit; and what was sent may be under way for a moment. */
    private static final Duration LEASE = Duration.ofSeconds(2);

    private static final Duration UNDER_WAY = Duration.ofSeconds(1);

    @Test
    void itsSuccessorLosesNothingAndTheSleeperRepeatsNothing(@TempDir Path directory) throws Exception {
        List<Integer> ports = StandaloneProcess.freePorts(2);
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
                Station station = new Station(directory, broker, exchanger);
                PostroadProcess sleeper = station.deliverer("sleeper", ports.get(0));
                PostroadProcess successor = station.deliverer("successor", ports.get(1))) {
            awaitReady(ports.get(0));
            awaitReady(ports.get(1));
            NumberedLoad load = station.load(exchanger);
            load.start();
            exchanger.awaitMails(1_000, Road.PATIENCE);

            sleeper.freeze();
            Instant frozenAt = Instant.now();
            load.awaitAccepted(load.acceptedCount() + 500);
            Set<Integer> accepted = new HashSet<>(load.stop());
            // All of it has been delivered and committed, so the successor has taken over what the sleeper had.
            assertBalanced(station.settledLedger(), accepted.size());
            Instant thawedAt = Instant.now();
            assertThat(Duration.between(frozenAt, thawedAt)).isGreaterThan(Duration.ofSeconds(6));

            sleeper.thaw();
            NumberedLoad next = station.load(exchanger);
            next.startAt(1_000_000);
            next.awaitAccepted(500);
            accepted.addAll(next.stop());
            awaitReady(ports.get(0));
            assertBalanced(station.settledLedger(), accepted.size());

            assertThat(sleeper.isAlive() && successor.isAlive()).isTrue();
            assertOnlyWhatWasInDoubtCameTwice(exchanger.mails(), accepted, frozenAt, thawedAt);
        }
    }

    private static void assertBalanced(Terms terms, int accepted) {
        assertThat(terms.accepted()).isEqualTo(accepted);
        assertThat(terms.delivered()).isEqualTo(accepted);
    }

    private static void assertOnlyWhatWasInDoubtCameTwice(
            List<ReceivedMail> mails, Set<Integer> accepted, Instant frozenAt, Instant thawedAt) {
        Map<Integer, Instant> first = new HashMap<>();
        List<String> unexplained = new ArrayList<>();
        List<String> permittedBefore = new ArrayList<>();
        int twice = 0;
        for (ReceivedMail mail : mails) {
            int number = NumberedLoad.numberOf(mail.contentText());
            Instant before = first.putIfAbsent(number, mail.receivedAt());
            if (before != null) {
                twice++;
                boolean wasInDoubt = before.isAfter(frozenAt.minus(LEASE)) && before.isBefore(frozenAt.plus(UNDER_WAY));
                if (before.isBefore(thawedAt) && !mail.receivedAt().isBefore(thawedAt)) {
                    permittedBefore.add("%d at %s and %s".formatted(number, before, mail.receivedAt()));
                } else if (!wasInDoubt) {
                    unexplained.add("%d at %s and %s".formatted(number, before, mail.receivedAt()));
                }
            }
        }
        LOG.atWarn()
                .addKeyValue("accepted", accepted.size())
                .addKeyValue("arrivedTwice", twice)
                .log("frozen and thawed");
        assertThat(unexplained)
                .as(
                        "only what was in doubt when its deliverer froze at %s comes again, before it wakes at %s",
                        frozenAt, thawedAt)
                .isEmpty();
        assertThat(permittedBefore)
                .as(
                        "the sleeper sends at most the one dot of each event loop that was permitted, not written, when it froze")
                .hasSizeLessThanOrEqualTo(DelivererConfig.LOOPS);
        assertThat(first.keySet()).containsAll(accepted);
    }

    private static void awaitReady(int metricsPort) throws Exception {
        URI health = URI.create("http://127.0.0.1:" + metricsPort + "/health/ready");
        Road.await(() -> isReady(health), ready -> ready);
    }

    private static boolean isReady(URI health) throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(health)
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Ingress and router in this process, deliverers in their own. */
    private static final class Station implements AutoCloseable {
        private final Path directory;
        private final String shared;
        private final Node ingress;
        private final Node router;

        Station(Path directory, EmbeddedBroker broker, ScriptedExchanger exchanger) throws IOException {
            this.directory = directory;
            this.shared = """
                    kafka: {bootstrap-servers: "%s", allow-weak-topics: true}
                    ingress: {listeners: [{name: relay, address: "127.0.0.1:0"}]}
                    router: {routes: [{domain: "*", to: ["127.0.0.1:%d"], tls: none}]}
                    retry: {tiers: [1s, 2s], schedule: [1s, 2s], lifetime: 1h}
                    """.formatted(broker.bootstrapServers(), exchanger.port());
            Configuration configuration = Configuration.load(file("here", 0), Map.of());
            try (TopicAdmin admin =
                    new TopicAdmin(configuration.kafka(), configuration.topics(Topics.Size.STANDALONE))) {
                admin.create();
            }
            this.router = Node.role(Node.Part.ROUTER, configuration, directory.resolve("router"));
            this.ingress = Node.role(Node.Part.INGRESS, configuration, directory.resolve("ingress"));
        }

        PostroadProcess deliverer(String name, int metricsPort) throws IOException {
            return PostroadProcess.launch(
                    directory.resolve(name + ".log"),
                    "deliverer",
                    "--config",
                    file(name, metricsPort).toString(),
                    "--data",
                    directory.resolve(name).toString());
        }

        NumberedLoad load(ScriptedExchanger exchanger) {
            return new NumberedLoad(
                    ingress.listeners().get(0), () -> exchanger.counts().mails());
        }

        Terms settledLedger() throws Exception {
            return Road.settledLedger(router);
        }

        private Path file(String name, int metricsPort) throws IOException {
            String node = "node: {hostname: frozen.test, metrics-address: \"127.0.0.1:" + metricsPort + "\"}\n";
            return Files.writeString(directory.resolve(name + ".yaml"), node + shared);
        }

        @Override
        public void close() {
            ingress.close();
            router.close();
        }
    }
}
