package org.postroad.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;

/**
 * Three brokers in processes of their own, which can be killed and frozen as an {@link EmbeddedBroker} cannot: replication
 * factor 3, two in-sync replicas at least.
 */
public final class BrokerProcesses implements AutoCloseable {
    private static final int NODES = 3;
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(300);
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Path directory;
    private final List<Integer> brokerPorts = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();

    private final Map<String, String> properties;
    private final Map<String, String> clientProperties;

    private BrokerProcesses(Path directory, Map<String, String> properties, Map<String, String> clientProperties) {
        this.directory = directory;
        this.properties = properties;
        this.clientProperties = clientProperties;
    }

    /** Starts all three and returns when each is registered. */
    public static BrokerProcesses start(Path directory) throws IOException {
        return start(directory, Map.of(), Map.of());
    }

    /**
     * The same with properties of one's own.
     *
     * @param properties broker properties that go before their own
     * @param clientProperties with which this class may ask whether they are registered: who it is, say
     */
    public static BrokerProcesses start(
            Path directory, Map<String, String> properties, Map<String, String> clientProperties) throws IOException {
        BrokerProcesses brokers = new BrokerProcesses(directory, properties, clientProperties);
        try {
            brokers.format();
            for (int node = 1; node <= NODES; node++) {
                brokers.processes.add(brokers.launch(node));
            }
            brokers.awaitRegistered(NODES);
            return brokers;
        } catch (IOException | RuntimeException e) {
            brokers.close();
            throw e;
        }
    }

    public String bootstrapServers() {
        return String.join(
                ",", brokerPorts.stream().map(port -> "127.0.0.1:" + port).toList());
    }

    /** SIGKILL: no controlled shutdown, and recovery at the next start. Nodes are numbered from 1. */
    public void kill(int node) throws IOException {
        Process process = running(node);
        process.destroyForcibly();
        await(process);
    }

    /** SIGSTOP: its sockets stay open and nothing answers. */
    public void freeze(int node) throws IOException {
        signal("-STOP", node);
    }

    /** SIGCONT: it goes on where it was, and finds that time has passed. */
    public void thaw(int node) throws IOException {
        signal("-CONT", node);
    }

    /** Starts a killed node on its directory and ports, and waits until all three are registered. */
    public void restart(int node) throws IOException {
        Process former = running(node);
        if (former.isAlive()) {
            throw new IllegalStateException("node " + node + " is alive: kill it first");
        }
        processes.set(node - 1, launch(node));
        awaitRegistered(NODES);
    }

    @Override
    public void close() {
        for (Process process : processes) {
            process.destroyForcibly();
        }
        for (Process process : processes) {
            process.onExit().join();
        }
    }

    private void format() throws IOException {
        List<Integer> controllerPorts = new ArrayList<>();
        freePorts(brokerPorts, controllerPorts);
        List<String> voters = new ArrayList<>();
        for (int node = 1; node <= NODES; node++) {
            voters.add(node + "@127.0.0.1:" + controllerPorts.get(node - 1));
        }
        String clusterId = Uuid.randomUuid().toString();
        for (int node = 1; node <= NODES; node++) {
            Path logs = Files.createDirectories(directory.resolve("node-" + node));
            LogDirectory.format(logs, node, clusterId);
            Properties settings = new Properties();
            settings.putAll(BrokerSettings.member(
                    node, logs, brokerPorts.get(node - 1), controllerPorts.get(node - 1), String.join(",", voters)));
            settings.putAll(properties);
            try (var out = Files.newOutputStream(settings(node))) {
                settings.store(out, null);
            }
        }
    }

    /** Ports that were free together a moment ago: a child cannot be handed a bound socket. */
    private static void freePorts(List<Integer> brokerPorts, List<Integer> controllerPorts) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * NODES; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")));
                (i < NODES ? brokerPorts : controllerPorts).add(sockets.get(i).getLocalPort());
            }
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    private Process launch(int node) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx384m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "kafka.Kafka",
                        settings(node).toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("node-" + node + ".out").toFile()))
                .start();
    }

    private Path settings(int node) {
        return directory.resolve("node-" + node + ".properties");
    }

    private Process running(int node) {
        return processes.get(node - 1);
    }

    private void signal(String signal, int node) throws IOException {
        Process kill =
                new ProcessBuilder("kill", signal, Long.toString(running(node).pid())).start();
        if (await(kill) != 0) {
            throw new IOException("cannot send " + signal + " to node " + node);
        }
    }

    private static int await(Process process) {
        return process.onExit().join().exitValue();
    }

    private void awaitRegistered(int count) throws IOException {
        Map<String, Object> settings = new HashMap<>(clientProperties);
        settings.put("bootstrap.servers", bootstrapServers());
        try (Admin admin = Admin.create(settings)) {
            awaitUntil(() -> registered(admin) == count);
        }
    }

    private static int registered(Admin admin) {
        try {
            return admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).size();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while brokers start", e);
        } catch (ExecutionException | TimeoutException notYet) {
            return 0;
        }
    }

    private void awaitUntil(BooleanSupplier condition) throws IOException {
        long giveUpNanos = System.nanoTime() + START_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - giveUpNanos > 0) {
                throw new IOException("the brokers have not started; their output is in " + directory);
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }
}
