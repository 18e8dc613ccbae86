package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.command.Commands;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.demo.SmtpClient;
import org.postroad.deploy.node.Node;
import org.postroad.deploy.operator.Cluster;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;
import org.postroad.testkit.ZoneDns;
import org.postroad.testkit.ZoneFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger of a road on which mail goes every way that there is, all the time: at once, by DNS that is late, by a retry, back as a
 * bounce.
 */
@Tag("broker")
@Tag("long")
class LedgerWhileMailMovesTest {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerWhileMailMovesTest.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int RUNS = Integer.getInteger("postroad.ledgers", 12);
    private static final int CLIENTS = 4;
    private static final int AHEAD = 2_000;
    private static final int SLOW_NAMES = 200_000;

    private static final Script RECEIVER = Script.accepting()
            .rcptFirst(1, "later@*", "451 4.7.1 Come back later")
            .rcpt("never@*", "550 5.1.1 No such user")
            .rcpt("lost@*", "451 4.7.1 Come back much later");

    @Test
    void itBalancesAtEveryMomentAndFindsTheOneThatIsReallyMissing(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(RECEIVER);
                ZoneDns dns = zone();
                MovingRoad road = new MovingRoad(directory, exchanger, dns)) {
            try (SmtpClient client = SmtpClient.connect(road.node.listeners().get(0))) {
                client.send("sender@home.test", List.of("lost@there.test"), "Subject: lost\r\n\r\nx\r\n");
            }
            road.start();
            List<JsonNode> ledgers = new ArrayList<>();
            for (int i = 0; i < RUNS; i++) {
                exchanger.awaitMails(exchanger.counts().mails() + 20, Road.PATIENCE);
                ledgers.add(road.ledger(0));
            }
            LOG.atWarn().addKeyValue("ledgers", ledgers).log("looked while mail moved");
            assertThat(ledgers.stream().filter(ledger -> ledger.get("balanced").asBoolean()))
                    .as("cuts that were whole: %s", ledgers)
                    .hasSizeGreaterThan(RUNS / 2);
            assertThat(ledgers).anyMatch(ledger -> ledger.get("inFlight").asLong() > 1);
            assertThat(ledgers).anyMatch(ledger -> ledger.get("parked").asLong() > 0);
            assertThat(ledgers).anyMatch(ledger -> ledger.get("waiting").asLong() > 1);
            assertThat(ledgers)
                    .isSortedAccordingTo((one, next) -> Long.compare(
                            one.get("accepted").asLong(), next.get("accepted").asLong()));

            road.awaitWaitingForAnHour();
            road.deleteWhatWaitsForAnHour();
            for (int i = 0; i < 3; i++) {
                exchanger.awaitMails(exchanger.counts().mails() + 20, Road.PATIENCE);
                JsonNode ledger = road.ledger(1);
                assertThat(ledger.get("missing").asLong()).as("%s", ledger).isEqualTo(1);
                assertThat(ledger.get("moving").asBoolean()).isFalse();
            }
            road.stop();
        }
    }

    private static ZoneDns zone() throws IOException {
        ZoneDns dns = ZoneDns.start("""
                there.test. 3600 IN MX 10 mx.there.test.
                mx.there.test. 3600 IN A 127.0.0.1
                *.slow.test. 3600 IN MX 10 mx.there.test.
                """);
        for (int i = 0; i < SLOW_NAMES; i++) {
            dns.fail("n" + i + ".slow.test.", ZoneFault.late(Duration.ofMillis(300)));
        }
        return dns;
    }

    /** A standalone and its clients. */
    private static final class MovingRoad implements AutoCloseable {
        private final Node node;
        private final Path file;
        private final ScriptedExchanger exchanger;
        private final AtomicInteger sent = new AtomicInteger();
        private final CountDownLatch over = new CountDownLatch(1);
        private final List<Thread> clients = new ArrayList<>();

        MovingRoad(Path directory, ScriptedExchanger exchanger, ZoneDns dns) throws IOException {
            this.exchanger = exchanger;
            file = directory.resolve("postroad.yaml");
            String rest = """
                    node: {hostname: road.test, metrics-address: "127.0.0.1:0"}
                    ingress: {listeners: [{name: relay, address: "127.0.0.1:0"}]}
                    router: {dns-servers: ["127.0.0.1:%d"], routes: [{domain: "home.test", to: ["127.0.0.1:%d"], tls: none}]}
                    deliverer: {port: %d, allow-local-exchangers: true}
                    retry: {tiers: [1s, 1h], schedule: [1s, 1h], lifetime: 1d}
                    standalone: {kafka-port: 0}
                    """.formatted(dns.address().getPort(), exchanger.port(), exchanger.port());
            Files.writeString(file, rest);
            node = Node.standalone(Configuration.load(file, Map.of()), directory.resolve("data"));
            Files.writeString(
                    file, rest + "kafka: {bootstrap-servers: \"" + node.kafka().bootstrapServers() + "\"}\n");
        }

        void start() {
            for (int i = 0; i < CLIENTS; i++) {
                Thread client = new Thread(this::run, "client-" + i);
                client.setDaemon(true);
                client.start();
                clients.add(client);
            }
        }

        private void run() {
            try (SmtpClient client = SmtpClient.connect(node.listeners().get(0))) {
                while (over.getCount() > 0) {
                    int number = sent.incrementAndGet();
                    List<String> recipients =
                            new ArrayList<>(List.of("now@there.test", "reader@n" + number + ".slow.test"));
                    if (number % 5 == 0) {
                        recipients.add("later@there.test");
                    }
                    if (number % 10 == 0) {
                        recipients.add("never@there.test");
                    }
                    client.send("sender" + number + "@home.test", recipients, "Subject: moving\r\n\r\nx\r\n");
                    while (number - exchanger.counts().mails() / 2 > AHEAD && !over.await(20, TimeUnit.MILLISECONDS)) {
                        Thread.onSpinWait();
                    }
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** What {@code postroad ledger} says, as a process would. */
        JsonNode ledger(int code) throws IOException {
            Commands.Answer answer = Commands.run("ledger", "--json", "--config", file.toString());
            assertThat(answer.code()).as("%s", answer).isEqualTo(code);
            return JSON.readTree(answer.out());
        }

        void awaitWaitingForAnHour() throws Exception {
            try (Cluster cluster = new Cluster(node.kafka(), node.topics())) {
                Road.await(
                        () -> cluster.committedSpans(hour()).values().stream()
                                .mapToLong(span -> span.to())
                                .sum(),
                        ends -> ends > 0);
            }
        }

        void deleteWhatWaitsForAnHour() {
            try (Cluster cluster = new Cluster(node.kafka(), node.topics())) {
                Map<TopicPartition, Long> ends = new HashMap<>();
                cluster.committedSpans(hour()).forEach((partition, span) -> ends.put(partition, span.to()));
                cluster.deleteBefore(ends);
            }
        }

        private String hour() {
            return node.topics().retry(Duration.ofHours(1)).name();
        }

        void stop() throws InterruptedException {
            over.countDown();
            for (Thread client : clients) {
                client.join();
            }
        }

        @Override
        public void close() throws InterruptedException {
            stop();
            node.close();
        }
    }
}
