package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Ledger;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Topics;

/** {@code postroad standalone} in a process of its own, so that it can be killed. Confined to one thread. */
final class StandaloneProcess implements AutoCloseable {
    private static final long START_LIMIT_SECONDS = 120;

    private final Path directory;
    private final int smtpPort;
    private final int kafkaPort;
    private final int metricsPort;
    private @Nullable PostroadProcess process;

    /**
     * @param routes the YAML of router.routes, such as {@code [{domain: "*", to: ["127.0.0.1:2526"]}]}
     * @param delays the YAML of the retry tiers, and of their schedule
     */
    StandaloneProcess(Path directory, String routes, String delays) throws IOException {
        this.directory = directory;
        List<Integer> ports = freePorts(4);
        smtpPort = ports.get(0);
        kafkaPort = ports.get(1);
        metricsPort = ports.get(2);
        Files.writeString(configFile(), """
                node: {hostname: postroad.test, metrics-address: "127.0.0.1:%d", admin-address: "127.0.0.1:%d"}
                kafka: {bootstrap-servers: "127.0.0.1:%d"}
                ingress: {listeners: [{name: test, address: "127.0.0.1:%d"}]}
                router: {routes: %s}
                retry: {tiers: %s, schedule: %s, lifetime: 1h}
                standalone: {kafka-port: %d}
                """.formatted(
                        metricsPort, ports.get(3), kafkaPort, smtpPort, routes, delays, delays, kafkaPort));
    }

    Path configFile() {
        return directory.resolve("postroad.yaml");
    }

    Path data() {
        return directory.resolve("data");
    }

    InetSocketAddress smtp() {
        return new InetSocketAddress("127.0.0.1", smtpPort);
    }

    /** What a counter of its metrics page stands at, by its name with labels; 0 when there is none. */
    double metric(String sample) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + "/metrics"))
                .build();
        String page = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
        return page.lines()
                .filter(line -> line.startsWith(sample + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
                .sum();
    }

    /** Returns when it takes mail. */
    void start() throws IOException, InterruptedException {
        PostroadProcess started = PostroadProcess.launch(
                directory.resolve("standalone.log"),
                "standalone",
                "--config",
                configFile().toString(),
                "--data",
                data().toString());
        process = started;
        long begunAt = System.nanoTime();
        while (!greets()) {
            if (!started.isAlive() || System.nanoTime() - begunAt > TimeUnit.SECONDS.toNanos(START_LIMIT_SECONDS)) {
                throw new IllegalStateException("standalone did not start: " + started.said());
            }
            new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
        }
    }

    /** SIGKILL: nothing is flushed, nothing is said. */
    void kill() throws InterruptedException {
        PostroadProcess killed = process;
        process = null;
        if (killed != null) {
            killed.kill();
        }
    }

    /** SIGTERM, and its exit code. */
    int stop() throws InterruptedException {
        PostroadProcess stopped = process;
        process = null;
        return stopped == null ? 0 : stopped.stop();
    }

    /** All it has said since the first start. */
    String said() throws IOException {
        return Files.readString(directory.resolve("standalone.log"), UTF_8);
    }

    /** The ledger once all is at rest, or as it stands after a minute. */
    Ledger.Balance settledLedger() throws InterruptedException {
        try (Cluster cluster = cluster("127.0.0.1:" + kafkaPort)) {
            long begunAt = System.nanoTime();
            while (true) {
                Ledger.Balance balance = new Ledger(cluster, new KnownSchemas(), read -> {}).balance();
                boolean late = System.nanoTime() - begunAt > TimeUnit.SECONDS.toNanos(60);
                if (balance.terms().isBalanced() && balance.terms().inFlight() == 0 || late) {
                    return balance;
                }
                new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS);
            }
        }
    }

    static Cluster cluster(String bootstrapServers) {
        KafkaSettings kafka = new KafkaSettings(bootstrapServers, "postroad.", Map.of(), true);
        Topics topics =
                new Topics("postroad.", Topics.Size.STANDALONE, List.of(Duration.ofSeconds(1)), Duration.ofHours(1));
        return new Cluster(kafka, topics);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    private boolean greets() {
        try (java.net.Socket socket = new java.net.Socket()) {
            socket.connect(smtp(), 1_000);
            socket.setSoTimeout(1_000);
            BufferedReader in = new BufferedReader(new java.io.InputStreamReader(socket.getInputStream(), UTF_8));
            String banner = in.readLine();
            return banner != null && banner.startsWith("220");
        } catch (IOException notYet) {
            return false;
        }
    }

    static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0);
                sockets.add(socket);
                ports.add(socket.getLocalPort());
            }
            return ports;
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
