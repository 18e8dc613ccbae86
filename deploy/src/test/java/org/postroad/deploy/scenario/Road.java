package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.demo.SmtpClient;
import org.postroad.deploy.node.Node;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Ledger;
import org.postroad.deploy.operator.Terms;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Topics;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** A standalone with one exchanger for every domain, in a directory that survives it. */
final class Road implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What retry.schedule begins with. */
    static final Duration FIRST_DELAY = Duration.ofSeconds(1);

    private final Node node;
    private final Path file;

    private Road(Node node, Path file) {
        this.node = node;
        this.file = file;
    }

    static Road open(Path directory, ScriptedExchanger exchanger) throws IOException {
        return open(directory, exchanger, "{listeners: [{name: relay, address: \"127.0.0.1:0\"}]}");
    }

    /** The same with another section {@code ingress}. */
    static Road open(Path directory, ScriptedExchanger exchanger, String ingress) throws IOException {
        Path file = directory.resolve("postroad.yaml");
        String rest = yaml(ingress, exchanger.port());
        Files.writeString(file, rest);
        Node node = Node.standalone(Configuration.load(file, Map.of()), directory.resolve("data"));
        Files.writeString(
                file, rest + "kafka: {bootstrap-servers: \"" + node.kafka().bootstrapServers() + "\"}\n");
        return new Road(node, file);
    }

    static ScriptedExchanger exchanger(Script script) throws IOException {
        return ScriptedExchanger.start(script);
    }

    private static String yaml(String ingress, int port) {
        return """
                node: {hostname: road.test, metrics-address: "127.0.0.1:0", admin-address: "127.0.0.1:0"}
                ingress: %s
                router: {routes: [{domain: "*", to: ["127.0.0.1:%d"], tls: none}]}
                retry: {tiers: [1s, 2s], schedule: [1s, 1s, 2s], lifetime: 1h}
                deliverer: {limits: [{destination: "*", idle: 1s}]}
                standalone: {kafka-port: 0}
                """.formatted(ingress, port);
    }

    /** Sends one message and answers its queue id. */
    String submit(List<String> recipients) throws IOException {
        try (SmtpClient client = SmtpClient.connect(node.listeners().get(0))) {
            return client.send("sender@home.test", recipients, "Subject: scenario\r\n\r\nHello\r\n");
        }
    }

    /** The same with content of one's own. */
    String submit(List<String> recipients, byte[] content) throws IOException {
        try (SmtpClient client = SmtpClient.connect(node.listeners().get(0))) {
            return client.send("sender@home.test", recipients, content);
        }
    }

    /** Where mail is posted by HTTP. */
    InetSocketAddress http() {
        return node.httpListeners().get(0);
    }

    /** Where it listens for SMTP. */
    InetSocketAddress address() {
        return node.listeners().get(0);
    }

    /** Where its listeners are, in the order of the configuration. */
    List<InetSocketAddress> addresses() {
        return node.listeners();
    }

    KafkaSettings kafka() {
        return node.kafka();
    }

    Topics topics() {
        return node.topics();
    }

    String configFile() {
        return file.toString();
    }

    /** The ledger, once it balances with nothing in flight. */
    Terms settledLedger() throws Exception {
        return settledLedger(node);
    }

    /** The same of any node's cluster. */
    static Terms settledLedger(Node node) throws Exception {
        try (Cluster cluster = new Cluster(node.kafka(), node.topics())) {
            return await(
                    () -> new Ledger(cluster, new KnownSchemas(), read -> {})
                            .balance()
                            .terms(),
                    terms -> terms.isBalanced() && terms.inFlight() == 0);
        }
    }

    /** What is asked for. */
    interface Answer<T> {
        T get() throws Exception;
    }

    /** Asks again until the answer fits; fails with the last answer. */
    static <T> T await(Answer<T> asked, Predicate<T> fits) throws Exception {
        long begunAt = System.nanoTime();
        T answer = asked.get();
        while (!fits.test(answer)) {
            assertThat(System.nanoTime() - begunAt).as("still " + answer).isLessThan(PATIENCE.toNanos());
            new java.util.concurrent.CountDownLatch(1).await(100, java.util.concurrent.TimeUnit.MILLISECONDS);
            answer = asked.get();
        }
        return answer;
    }

    @Override
    public void close() {
        node.close();
    }
}
