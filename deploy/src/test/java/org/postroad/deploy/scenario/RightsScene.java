package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deploy.command.Commands;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.demo.SmtpClient;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Mails;
import org.postroad.deploy.operator.Span;
import org.postroad.deploy.operator.TopicScan;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.Topic;
import org.postroad.schemas.Topics;
import org.postroad.testkit.ScriptedExchanger;
import org.postroad.testkit.ZoneDns;

/** A cluster with users, the other side of the wires, and roles and commands that each come as a user of their own. */
final class RightsScene {
    static final int DOMAINS = 40;

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    final SecuredCluster cluster;
    final ScriptedExchanger exchanger;
    final Topics topics;
    final InetSocketAddress smtp;
    private final int httpPort;
    private final Path directory;
    private final String settings;

    /** @param dropping answers for doubt.test */
    RightsScene(
            Path directory,
            SecuredCluster cluster,
            ScriptedExchanger exchanger,
            ScriptedExchanger dropping,
            ZoneDns dns)
            throws IOException {
        this.directory = directory;
        this.cluster = cluster;
        this.exchanger = exchanger;
        List<Integer> ports = StandaloneProcess.freePorts(2);
        this.smtp = new InetSocketAddress("127.0.0.1", ports.get(0));
        this.httpPort = ports.get(1);
        String routes = Stream.concat(
                        IntStream.range(0, DOMAINS).mapToObj(i -> route("d" + i + ".test", exchanger)),
                        Stream.of(route("doubt.test", dropping)))
                .collect(Collectors.joining(", "));
        this.settings = """
                node: {hostname: rights.test, metrics-address: "127.0.0.1:PORT", admin-address: "127.0.0.1:0"}
                ingress:
                  listeners: [{name: relay, address: "127.0.0.1:%d"}]
                  http-listeners: [{name: api, address: "127.0.0.1:%d"}]
                  quotas: [{for: client, mails: [1000000/d]}]
                router: {dns-servers: ["127.0.0.1:%d"], routes: [%s]}
                deliverer: {port: %d, allow-local-exchangers: true, limits: [{destination: "*", idle: 1s}]}
                retry: {tiers: [1s, 2s], schedule: [1s, 1s, 2s], lifetime: 1h}
                """.formatted(smtp.getPort(), httpPort, dns.address().getPort(), routes, exchanger.port());
        for (KafkaUser user : KafkaUser.values()) {
            config(user, 0);
        }
        this.topics = Configuration.load(config(KafkaUser.LEDGER, 0), Map.of()).topics(Topics.Size.CLUSTER);
    }

    private static String route(String domain, ScriptedExchanger exchanger) {
        return "{domain: %s, to: [\"127.0.0.1:%d\"], tls: none}".formatted(domain, exchanger.port());
    }

    private Path config(KafkaUser user, int metricsPort) throws IOException {
        return cluster.config(directory, user, settings.replace("PORT", Integer.toString(metricsPort)));
    }

    /** Asks the cluster as one who may see everything. */
    Cluster reading() {
        return new Cluster(cluster.superuser(), topics);
    }

    /** Hands in one message and answers its queue id. */
    String submit(String recipient, String content) throws IOException {
        return submit(List.of(recipient), content);
    }

    /** The same by HTTP, as a request that may be repeated. */
    void post(String recipient, String key, String content) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + httpPort + "/v1/messages?from=sender@d0.test&to=" + recipient))
                .header("Content-Type", "message/rfc822")
                .header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString(content))
                .build();
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    }

    /** The same for several recipients. */
    String submit(List<String> recipients, String content) throws IOException {
        try (SmtpClient client = SmtpClient.connect(smtp)) {
            return client.send("sender@d0.test", recipients, content);
        }
    }

    /** A role in a process of its own, once it is ready. */
    PostroadProcess start(KafkaUser role, String data) throws Exception {
        int metricsPort = StandaloneProcess.freePorts(1).get(0);
        PostroadProcess process = launch(role, data, data + ".log", metricsPort);
        while (!isReady(metricsPort)) {
            assertThat(process.isAlive()).as(process.said()).isTrue();
        }
        return process;
    }

    /** The same of one that is not going to be ready; its log is new. */
    PostroadProcess launch(KafkaUser role, String data) throws IOException {
        return launch(role, data, data + "-refused.log", 0);
    }

    private PostroadProcess launch(KafkaUser role, String data, String log, int metricsPort) throws IOException {
        return PostroadProcess.launch(
                directory.resolve(log),
                role.command(),
                "--config",
                config(role, metricsPort).toString(),
                "--data",
                directory.resolve(data).toString());
    }

    private static boolean isReady(int metricsPort) throws InterruptedException {
        HttpRequest question = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + "/health/ready"))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            return HTTP.send(question, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } finally {
            new java.util.concurrent.CountDownLatch(1).await(100, java.util.concurrent.TimeUnit.MILLISECONDS);
        }
    }

    /** A command in this process, as its user. */
    Commands.Answer run(KafkaUser user, String... words) throws IOException {
        List<String> line = new ArrayList<>(List.of(words));
        line.addAll(List.of(
                "--config",
                directory.resolve(SecuredCluster.name(user) + ".yaml").toString()));
        return Commands.run(line.toArray(String[]::new));
    }

    /** What it says when it does what it should. */
    String succeed(KafkaUser user, String... words) throws IOException {
        Commands.Answer answer = run(user, words);
        assertThat(answer.code()).as("%s: %s", user.command(), answer).isZero();
        return answer.out();
    }

    /** As they stand on their topic. */
    List<String> events() {
        List<String> events = new ArrayList<>();
        try (Cluster reading = reading()) {
            TopicScan.read(
                    reading.kafka(),
                    reading.committedSpans(topics.events().name()),
                    record -> events.add(new String(record.value(), UTF_8)));
        }
        return events;
    }

    /** Where the rejects come from. */
    List<String> rejected() {
        List<String> sources = new ArrayList<>();
        try (Cluster reading = reading()) {
            TopicScan.read(
                    reading.kafka(),
                    reading.committedSpans(topics.rejects().name()),
                    record -> sources.add(
                            new String(record.headers().lastHeader("topic").value(), UTF_8)));
        }
        return sources;
    }

    /** Where committed records end, over all partitions. */
    long end(Topic topic) {
        try (Cluster reading = reading()) {
            return reading.committedSpans(topic.name()).values().stream()
                    .mapToLong(Span::to)
                    .sum();
        }
    }

    /** Where committed records begin, over all partitions. */
    long begin(Topic topic) {
        try (Cluster reading = reading()) {
            return reading.committedSpans(topic.name()).values().stream()
                    .mapToLong(Span::from)
                    .sum();
        }
    }

    /** So many that it is worth while to delete what was released. */
    void releaseMany() throws Exception {
        QueueIds queueIds = new QueueIds(Clock.systemUTC(), new Random(7));
        Codec<Envelope> codec = new Codec<>(Envelope.class, new KnownSchemas());
        String held = topics.held().name();
        TopicPartition last = new TopicPartition(held, 5); // of a partition where nothing was held
        try (KafkaProducer<byte[], byte[]> writer =
                new KafkaProducer<>(cluster.superuser().producer("test"))) {
            for (int i = 0; i < 1_001; i++) {
                byte[] value = codec.encode(Mails.envelope(queueIds.next(), "held" + i + "@d0.test"));
                var unused =
                        writer.send(new ProducerRecord<>(held, last.partition(), "d0.test".getBytes(UTF_8), value));
            }
        }
        assertThat(succeed(KafkaUser.RELEASE, "release", "--domain", "d0.test"))
                .contains("released 1001 recipients of 1001 messages");
        Road.await(
                () -> cluster.admin()
                        .listOffsets(Map.of(last, OffsetSpec.earliest()))
                        .partitionResult(last)
                        .get()
                        .offset(),
                begin -> begin > 1_000);
    }
}
