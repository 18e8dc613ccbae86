import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Side by side in one run, each against the same source and sink: the direct limit, a tuned Postfix, a standalone
 * Postroad with its defaults. The receiver counts. Single-file program: {@code deploy/bench/run --help}.
 */
public final class Bench {
    private static final PrintStream OUT = System.out;

    /** One load: messages of so many octets over so many sessions. */
    record Load(String name, int messages, int octets, int sessions) {}

    /** Messages per second, accepted and at the receiver. */
    record Rate(double accepted, double delivered) {}

    private static final List<Load> LOADS = List.of(
            new Load("4 KiB", 20_000, 4_096, 50),
            new Load("50 KiB", 5_000, 51_200, 50),
            new Load("100 KiB", 3_000, 102_400, 50));

    private final Path here;
    private final Path work;
    private final int rounds;
    private final int connections;
    private final List<String> wanted;
    private final List<String> systems;
    private int nextPort = 20_000 + (int) (ProcessHandle.current().pid() % 10_000);

    private Bench(Path here, Map<String, String> options) throws IOException {
        this.here = here;
        this.rounds = Integer.parseInt(options.getOrDefault("--rounds", "3"));
        this.connections = Integer.parseInt(options.getOrDefault("--connections", "10"));
        this.wanted = List.of(options.getOrDefault("--loads", "4 KiB,50 KiB,100 KiB").split(","));
        this.systems = List.of(options.getOrDefault("--systems", "direct,postfix,postroad").split(","));
        this.work = Files.createTempDirectory("postroad-bench");
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[i].equals("--help") || i + 1 == arguments.length) {
                OUT.println("usage: deploy/bench/run [--rounds N] [--loads '4 KiB,50 KiB'] [--systems direct,postfix,postroad]"
                        + " [--connections N] [--json FILE]\nexample: deploy/bench/run --rounds 5 --json bench.json");
                return;
            }
            options.put(arguments[i], arguments[++i]);
        }
        Bench bench = new Bench(Path.of(arguments[0]), options);
        try {
            Map<String, Map<String, List<Rate>>> measured = bench.run();
            OUT.print(table(measured));
            if (options.containsKey("--json")) {
                Files.writeString(Path.of(options.get("--json")), json(measured));
            }
        } finally {
            delete(bench.work);
        }
    }

    private Map<String, Map<String, List<Rate>>> run() throws Exception {
        Map<String, Map<String, List<Rate>>> measured = new LinkedHashMap<>();
        try (Sink sink = new Sink(port())) {
            List<Server> servers = new ArrayList<>();
            try {
                for (String system : systems) {
                    servers.add(start(system, sink));
                }
                for (Load load : LOADS.stream().filter(l -> wanted.contains(l.name())).toList()) {
                    for (int round = 0; round <= rounds; round++) {
                        for (Server server : servers) {
                            progress(load.name() + (round == 0 ? " warm-up " : " round " + round + " ") + server.name());
                            Rate rate = measure(server, sink, load);
                            if (round > 0) {
                                measured.computeIfAbsent(load.name(), n -> new LinkedHashMap<>())
                                        .computeIfAbsent(server.name(), n -> new ArrayList<>())
                                        .add(rate);
                            }
                        }
                    }
                }
            } finally {
                for (Server server : servers) {
                    server.stop();
                }
            }
        }
        return measured;
    }

    private static Rate measure(Server server, Sink sink, Load load) throws Exception {
        long before = sink.count();
        long start = System.nanoTime();
        run(List.of(
                "smtp-source", "-d", "-s", "" + load.sessions(), "-m", "" + load.messages(), "-l", "" + load.octets(),
                "-f", "sender@source.test", "-t", "recipient@sink.test", "127.0.0.1:" + server.port()));
        double acceptedIn = (System.nanoTime() - start) / 1e9;
        sink.await(before + load.messages());
        double deliveredIn = (System.nanoTime() - start) / 1e9;
        return new Rate(load.messages() / acceptedIn, load.messages() / deliveredIn);
    }

    /** A running mail server, or none: then the sink itself. */
    record Server(String name, int port, Stop stopping) {
        void stop() throws Exception {
            stopping.stop();
        }
    }

    interface Stop {
        void stop() throws Exception;
    }

    private Server start(String system, Sink sink) throws Exception {
        return switch (system) {
            case "direct" -> new Server(system, sink.port, () -> {});
            case "postfix" -> postfix(sink);
            case "postroad" -> postroad(sink);
            default -> throw new IllegalArgumentException("no such system: " + system);
        };
    }

    private Server postfix(Sink sink) throws Exception {
        int port = port();
        Path directory = Files.createDirectories(work.resolve("postfix"));
        for (String file : List.of("main.cf", "master.cf")) {
            String text = Files.readString(here.resolve("postfix").resolve(file))
                    .replace("@DIR@", directory.toString())
                    .replace("@SINK@", "" + sink.port)
                    .replace("@PORT@", "" + port)
                    .replace("@CONCURRENCY@", "50");
            Files.writeString(directory.resolve(file), text);
        }
        run(List.of("chmod", "755", work.toString(), directory.toString()));
        run(List.of("install", "-d", directory.resolve("queue").toString()));
        run(List.of("install", "-d", "-o", "postfix", directory.resolve("data").toString()));
        run(List.of("postfix", "-c", directory.toString(), "start"));
        listening(port);
        return new Server("postfix", port, () -> run(List.of("postfix", "-c", directory.toString(), "stop")));
    }

    private Server postroad(Sink sink) throws Exception {
        int port = port();
        int kafka = port();
        int metrics = port();
        Path file = work.resolve("postroad.yaml");
        Files.writeString(file, """
                node: {hostname: bench.test, metrics-address: "127.0.0.1:%d"}
                kafka: {bootstrap-servers: "127.0.0.1:%d"}
                ingress:
                  listeners: [{name: bench, address: "127.0.0.1:%d", role: relay, tls: none, auth: none, relay-from: ["127.0.0.0/8"]}]
                router: {routes: [{domain: "*", to: ["127.0.0.1:%d"], tls: none}]}
                deliverer: {limits: [{destination: "*", connections: %d, messages-per-connection: 50, idle: 5s}]}
                standalone: {kafka-port: %d}
                """.formatted(metrics, kafka, port, sink.port, connections, kafka));
        Path postroad = here.resolve("../target/postroad/bin/postroad").normalize();
        long start = System.nanoTime();
        Process process = new ProcessBuilder(postroad.toString(), "standalone", "--config", file.toString(), "--data",
                        work.resolve("data").toString())
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("postroad.log").toFile())
                .start();
        listening(port);
        progress("postroad listens after " + Math.round((System.nanoTime() - start) / 1e6) + " ms");
        return new Server("postroad", port, () -> {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        });
    }

    /** Debian's smtp-sink, which prints its counters as it goes. */
    static final class Sink implements AutoCloseable {
        final int port;
        private final Process process;
        private volatile long count;

        Sink(int port) throws Exception {
            this.port = port;
            process = new ProcessBuilder("smtp-sink", "-u", "nobody", "-c", "127.0.0.1:" + port, "1000").start();
            Thread reader = new Thread(this::read, "sink-counter");
            reader.setDaemon(true);
            reader.start();
            listening(port);
        }

        private void read() {
            try (BufferedReader in =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    int at = line.indexOf("mesg=");
                    if (at >= 0) {
                        count = Long.parseLong(line.substring(at + 5).trim());
                    }
                }
            } catch (IOException endOfSink) {
                process.destroy();
            }
        }

        long count() {
            return count;
        }

        void await(long wanted) throws Exception {
            long lastChange = System.nanoTime();
            for (long seen = count; seen < wanted; ) {
                TimeUnit.MILLISECONDS.sleep(2);
                if (count != seen) {
                    seen = count;
                    lastChange = System.nanoTime();
                } else if (System.nanoTime() - lastChange > 60e9) {
                    throw new IllegalStateException("the sink stopped at " + seen + " of " + wanted);
                }
            }
        }

        @Override
        public void close() {
            process.destroy();
        }
    }

    private int port() {
        return nextPort++;
    }

    private static void listening(int port) throws Exception {
        for (int tries = 0; tries < 600; tries++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
                return;
            } catch (IOException notYet) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new IllegalStateException("nobody listens on 127.0.0.1:" + port);
    }

    private static void run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + ": " + said);
        }
    }

    private static void progress(String text) {
        System.err.println(text);
    }

    private static String table(Map<String, Map<String, List<Rate>>> measured) {
        StringBuilder text = new StringBuilder(
                String.format("%-10s %-10s %12s %12s %12s %12s%n", "load", "system", "accepted/s", "delivered/s", "x postfix", "of direct"));
        measured.forEach((load, rates) -> rates.forEach((system, rounds) -> {
            double delivered = delivered(rounds);
            text.append(String.format(Locale.ROOT, "%-10s %-10s %12.0f %12.0f %12s %12s%n", load, system,
                    median(rounds.stream().mapToDouble(Rate::accepted).toArray()), delivered,
                    ratio(delivered, rates.get("postfix")), ratio(delivered, rates.get("direct"))));
        }));
        return text.toString();
    }

    private static String ratio(double delivered, List<Rate> other) {
        return other == null ? "-" : String.format(Locale.ROOT, "%.2f", delivered / delivered(other));
    }

    private static String json(Map<String, Map<String, List<Rate>>> measured) {
        List<String> rows = new ArrayList<>();
        measured.forEach((load, rates) -> rates.forEach((system, rounds) -> rows.add(String.format(Locale.ROOT,
                "  {\"load\": \"%s\", \"system\": \"%s\", \"accepted\": %s, \"delivered\": %s}", load, system,
                Arrays.toString(rounds.stream().mapToLong(r -> Math.round(r.accepted())).toArray()),
                Arrays.toString(rounds.stream().mapToLong(r -> Math.round(r.delivered())).toArray())))));
        return "[\n" + String.join(",\n", rows) + "\n]\n";
    }

    private static double delivered(List<Rate> rounds) {
        return median(rounds.stream().mapToDouble(Rate::delivered).toArray());
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted((a, b) -> b.getNameCount() - a.getNameCount()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
