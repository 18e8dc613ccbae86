package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.BrokerProcesses;
import org.postroad.deploy.config.Configuration;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Three brokers with the settings that OPERATING recommends, two nodes of each role, a steady load, and deaths: how long the mail of
 * any domain stands still, and that none is lost.
 *
 * <p>The ordinary build has one death, drawn by its seed, at a light load, with limits that only a hang reaches; {@code
 * -Dpostroad.strict=true} has all of them at 300 mails a second with the promised ones: 3 s for a router that is told to end, 8 s
 * for what is killed. {@code -Dpostroad.seed=N} repeats a draw.
 */
@Tag("broker")
@Tag("long")
class NodeDeathTest {
    private static final Logger LOG = LoggerFactory.getLogger(NodeDeathTest.class);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final boolean STRICT = Boolean.getBoolean("postroad.strict");
    private static final long SEED = Long.getLong("postroad.seed", System.nanoTime());
    private static final int PER_SECOND = Integer.getInteger("postroad.rate", STRICT ? 300 : 60);
    private static final Duration HANG = Duration.ofMinutes(5);
    private static final int MANY = 1_000_000;

    /** A death, and how long mail may stand still after it. */
    private enum Death {
        ROUTER_TOLD_TO_END(3),
        ROUTER_KILLED(8),
        DELIVERER_KILLED(8),
        BROKER_KILLED(8);

        private final Duration limit;

        Death(int seconds) {
            this.limit = STRICT ? Duration.ofSeconds(seconds) : HANG;
        }
    }

    @Test
    void mailOfNoDomainStandsStillForLongAndNoneIsLost(@TempDir Path directory) throws Exception {
        List<Death> deaths = new ArrayList<>(List.of(Death.values()));
        Collections.shuffle(deaths, new Random(SEED));
        deaths = STRICT ? deaths : deaths.subList(0, 1);
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                BrokerProcesses brokers = BrokerProcesses.start(directory.resolve("kafka"));
                Nodes nodes = new Nodes(directory, brokers.bootstrapServers(), exchanger.port())) {
            nodes.start();
            List<NumberedLoad> loads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                NumberedLoad load =
                        new NumberedLoad(nodes.smtp(i), () -> exchanger.counts().mails(), PER_SECOND / 2);
                load.startAt(i * MANY);
                loads.add(load);
            }
            Map<Death, Duration> stood = new EnumMap<>(Death.class);
            for (Death death : deaths) {
                awaitMails(exchanger, exchanger.counts().mails() + 10L * PER_SECOND);
                List<ReceivedMail> before = exchanger.mails();
                Instant from = before.get(before.size() - 1).receivedAt();
                bring(death, nodes, brokers);
                awaitMails(exchanger, exchanger.counts().mails() + 15L * PER_SECOND);
                awaitEveryDomain(exchanger, loads);
                Duration standstill = longestStandstill(exchanger.mails(), from);
                stood.put(death, standstill);
                LOG.atWarn()
                        .addKeyValue("death", death)
                        .addKeyValue("anyDomainMillis", standstill.toMillis())
                        .addKeyValue(
                                "oneMailMillis",
                                longestWait(exchanger.mails(), loads, from).toMillis())
                        .addKeyValue(
                                "allMillis",
                                longestOfAll(exchanger.mails(), from).toMillis())
                        .log("stood still");
                revive(death, nodes, brokers);
            }
            Set<Integer> accepted = new HashSet<>();
            for (NumberedLoad load : loads) {
                accepted.addAll(load.stop());
            }
            awaitAll(exchanger, accepted);
            stood.forEach((death, duration) ->
                    assertThat(duration).as("%s, seed %d", death, SEED).isLessThan(death.limit));
        }
    }

    private static void bring(Death death, Nodes nodes, BrokerProcesses brokers) throws Exception {
        switch (death) {
            case ROUTER_TOLD_TO_END -> nodes.router(0).terminate();
            case ROUTER_KILLED -> nodes.router(1).kill();
            case DELIVERER_KILLED -> nodes.deliverer(0).kill();
            case BROKER_KILLED -> brokers.kill(1);
        }
    }

    private static void revive(Death death, Nodes nodes, BrokerProcesses brokers) throws Exception {
        switch (death) {
            case ROUTER_TOLD_TO_END -> assertThat(nodes.router(0).await()).isZero();
            case ROUTER_KILLED, DELIVERER_KILLED -> {}
            case BROKER_KILLED -> brokers.restart(1);
        }
        nodes.start();
    }

    /** The longest time in which a domain's mail did not arrive. */
    private static Duration longestStandstill(List<ReceivedMail> mails, Instant from) {
        Map<String, Instant> last = new HashMap<>();
        Duration longest = Duration.ZERO;
        for (ReceivedMail mail : mails) {
            if (mail.receivedAt().isBefore(from)) {
                continue;
            }
            String domain = mail.recipientAddresses().get(0);
            Duration gap = Duration.between(last.getOrDefault(domain, from), mail.receivedAt());
            longest = gap.compareTo(longest) > 0 ? gap : longest;
            last.put(domain, mail.receivedAt());
        }
        return longest;
    }

    /** From its 250 to its arrival: a domain's mail comes through every router, so part of it may wait while the rest goes on. */
    private static Duration longestWait(List<ReceivedMail> mails, List<NumberedLoad> loads, Instant from) {
        Map<Integer, Instant> acceptedAt = new HashMap<>();
        loads.forEach(load -> acceptedAt.putAll(load.acceptedAt()));
        Duration longest = Duration.ZERO;
        Set<Integer> arrived = new HashSet<>();
        for (ReceivedMail mail : mails) {
            int number = NumberedLoad.numberOf(mail.contentText());
            Instant accepted = acceptedAt.get(number);
            if (arrived.add(number) && accepted != null && mail.receivedAt().isAfter(from)) {
                Duration wait = Duration.between(accepted, mail.receivedAt());
                longest = wait.compareTo(longest) > 0 ? wait : longest;
            }
        }
        return longest;
    }

    private static Duration longestOfAll(List<ReceivedMail> mails, Instant from) {
        Instant last = from;
        Duration longest = Duration.ZERO;
        for (ReceivedMail mail : mails) {
            if (mail.receivedAt().isAfter(last)) {
                Duration gap = Duration.between(last, mail.receivedAt());
                longest = gap.compareTo(longest) > 0 ? gap : longest;
                last = mail.receivedAt();
            }
        }
        return longest;
    }

    /** Until what each client has been told 250 for by now has come: then no domain stands still any more. */
    private static void awaitEveryDomain(ScriptedExchanger exchanger, List<NumberedLoad> loads)
            throws InterruptedException {
        Set<Integer> accepted = new HashSet<>();
        loads.forEach(load -> accepted.addAll(load.accepted()));
        awaitAll(exchanger, accepted);
    }

    private static void awaitMails(ScriptedExchanger exchanger, long count) throws InterruptedException {
        exchanger.awaitMails(count, HANG);
    }

    private static void awaitAll(ScriptedExchanger exchanger, Set<Integer> accepted) throws InterruptedException {
        Set<Integer> missing = new HashSet<>(accepted);
        int seen = 0;
        long begunNanos = System.nanoTime();
        while (!missing.isEmpty()) {
            List<ReceivedMail> mails = exchanger.mails();
            mails.subList(seen, mails.size())
                    .forEach(mail -> missing.remove(NumberedLoad.numberOf(mail.contentText())));
            seen = mails.size();
            assertThat(System.nanoTime() - begunNanos)
                    .as("%d mails that got a 250 have not come, seed %d", missing.size(), SEED)
                    .isLessThan(HANG.toNanos());
            pause();
        }
    }

    private static void pause() throws InterruptedException {
        new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
    }

    /** Two nodes of each role, each a process with a directory of its own. Confined to one thread. */
    private static final class Nodes implements AutoCloseable {
        private static final List<String> ROLES = List.of("ingress", "router", "deliverer");

        private final Path directory;
        private final String settings;
        private final List<Integer> ports = StandaloneProcess.freePorts(8);
        private final Map<String, PostroadProcess> processes = new HashMap<>();

        Nodes(Path directory, String bootstrapServers, int exchangerPort) throws IOException {
            this.directory = directory;
            this.settings = """
                    node: {hostname: death.test, metrics-address: "127.0.0.1:METRICS"}
                    kafka: {bootstrap-servers: "%s"}
                    ingress: {listeners: [{name: relay, address: "127.0.0.1:SMTP"}]}
                    router: {routes: [{domain: "*", to: ["127.0.0.1:%d"], tls: none}]}
                    """.formatted(bootstrapServers, exchangerPort);
            Configuration configuration = Configuration.load(file("topics", 0, 0), Map.of());
            try (TopicAdmin admin = new TopicAdmin(configuration.kafka(), configuration.topics(Topics.Size.CLUSTER))) {
                admin.create();
            }
        }

        PostroadProcess router(int i) {
            return Objects.requireNonNull(processes.get("router" + i));
        }

        PostroadProcess deliverer(int i) {
            return Objects.requireNonNull(processes.get("deliverer" + i));
        }

        InetSocketAddress smtp(int i) {
            return new InetSocketAddress("127.0.0.1", ports.get(6 + i));
        }

        /** Starts those that do not run, and returns when all are ready. */
        void start() throws Exception {
            for (String role : ROLES) {
                for (int i = 0; i < 2; i++) {
                    PostroadProcess former = processes.get(role + i);
                    if (former == null || !former.isAlive()) {
                        processes.put(role + i, launch(role, i));
                    }
                }
            }
            for (String role : ROLES) {
                for (int i = 0; i < 2; i++) {
                    awaitReady(role, i);
                }
            }
        }

        private PostroadProcess launch(String role, int i) throws IOException {
            return PostroadProcess.launch(
                    directory.resolve(role + i + ".log"),
                    role,
                    "--config",
                    file(role + i, metricsPort(role, i), role.equals("ingress") ? ports.get(6 + i) : 0)
                            .toString(),
                    "--data",
                    directory.resolve(role + i).toString());
        }

        private int metricsPort(String role, int i) {
            return ports.get(2 * ROLES.indexOf(role) + i);
        }

        private Path file(String name, int metricsPort, int smtpPort) throws IOException {
            return Files.writeString(
                    directory.resolve(name + ".yaml"),
                    settings.replace("METRICS", Integer.toString(metricsPort))
                            .replace("SMTP", Integer.toString(smtpPort)));
        }

        private void awaitReady(String role, int i) throws Exception {
            HttpRequest question = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + metricsPort(role, i) + "/health/ready"))
                    .build();
            long begunNanos = System.nanoTime();
            while (!isReady(question)) {
                assertThat(System.nanoTime() - begunNanos)
                        .as(
                                "%s%d is not ready: %s",
                                role,
                                i,
                                Objects.requireNonNull(processes.get(role + i)).said())
                        .isLessThan(HANG.toNanos());
                pause();
            }
        }

        private static boolean isReady(HttpRequest question) throws InterruptedException {
            try {
                return HTTP.send(question, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException notYet) {
                return false;
            }
        }

        @Override
        public void close() throws Exception {
            for (PostroadProcess process : processes.values()) {
                process.close();
            }
        }
    }
}
