package org.postroad.deploy.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.node.Node;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.FateCount;
import org.postroad.deploy.operator.Ledger;
import org.postroad.schemas.Event;
import org.postroad.schemas.KnownSchemas;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** A standalone on free ports with three exchangers, in a directory that is gone afterwards. */
public final class Demo implements AutoCloseable {
    private static final long LOOK_MILLIS = 100;

    /** Nothing has moved for so long: what has not come will not come. */
    private static final long PATIENCE_MILLIS = 30_000;

    private final Path directory;
    private final Node node;
    private final List<ScriptedExchanger> exchangers;

    /**
     * What happened.
     *
     * @param delivered recipients that an exchanger took, by its own count
     * @param tellingQueueId of a message with three fates; empty when none was sent
     */
    public record Result(
            Sent sent,
            long delivered,
            long deferred,
            long failed,
            long bounces,
            long millis,
            String tellingQueueId,
            Ledger.Balance balance) {

        public boolean isAsExpected() {
            return unexpected().isEmpty();
        }

        /** What differs from what must be; empty when nothing does. */
        public String unexpected() {
            var terms = balance.terms();
            if (!terms.isBalanced()) {
                return "the ledger does not balance";
            }
            if (terms.inFlight() != 0 || terms.held() != 0 || terms.rejected() != 0) {
                return "not all mail arrived";
            }
            if (terms.accepted() != sent.recipients()) {
                return sent.recipients() + " recipients got a 250, " + terms.accepted() + " were accepted";
            }
            if (terms.delivered() != delivered) {
                return "the exchangers took " + delivered + " recipients, " + terms.delivered() + " were delivered";
            }
            return failed == sent.refused() ? "" : sent.refused() + " must bounce, " + failed + " did";
        }
    }

    /**
     * What the clients sent and heard 250 for.
     *
     * @param refused recipients that no exchanger will take
     * @param bounces messages with such recipients
     */
    public record Sent(long messages, long recipients, long refused, long bounces, long millis) {}

    private Demo(Path directory, Node node, List<ScriptedExchanger> exchangers) {
        this.directory = directory;
        this.node = node;
        this.exchangers = exchangers;
    }

    public static Demo start() throws IOException {
        Path directory = Files.createTempDirectory("postroad-demo");
        List<ScriptedExchanger> exchangers = List.of(
                ScriptedExchanger.startCounting(Script.accepting(), 0, 1),
                ScriptedExchanger.startCounting(
                        Script.accepting().rcptFirst(1, "*", "451 4.7.1 Greylisted, come back later"), 0, 1),
                ScriptedExchanger.startCounting(
                        Script.accepting().rcpt("unknown*", "550 5.1.1 No such user here"), 0, 1));
        try {
            Path file = Files.writeString(directory.resolve("postroad.yaml"), yaml(exchangers));
            Node node = Node.standalone(Configuration.load(file, Map.of()), directory.resolve("data"));
            String cluster = "kafka: {bootstrap-servers: \"" + node.kafka().bootstrapServers() + "\"}\n";
            Files.writeString(file, cluster + yaml(exchangers));
            return new Demo(directory, node, exchangers);
        } catch (IOException | RuntimeException | Error e) {
            exchangers.forEach(ScriptedExchanger::close);
            delete(directory);
            throw e;
        }
    }

    private static String yaml(List<ScriptedExchanger> exchangers) {
        return """
                node: {hostname: postroad.test, metrics-address: "127.0.0.1:0"}
                ingress: {listeners: [{name: demo, address: "127.0.0.1:0"}]}
                router:
                  routes:
                    - {domain: greylist.test, to: ["127.0.0.1:%d"], tls: none}
                    - {domain: refuse.test, to: ["127.0.0.1:%d"], tls: none}
                    - {domain: "*", to: ["127.0.0.1:%d"], tls: none}
                retry: {tiers: [1s, 2s, 5s], schedule: [2s, 2s, 5s], lifetime: 1h}
                standalone: {kafka-port: 0, observer: false}
                """.formatted(
                        exchangers.get(1).port(),
                        exchangers.get(2).port(),
                        exchangers.get(0).port());
    }

    /**
     * Sends so many mails and waits until each recipient has its fate.
     *
     * @param progress told what has happened so far; false ends the wait
     */
    public Result run(int mails, Predicate<String> progress) throws IOException, InterruptedException {
        long begunAt = System.nanoTime();
        DemoLoad load = new DemoLoad(listener(), mails);
        load.start();
        long expected = load.expectedAtExchangers();
        long seen = -1;
        long movedAt = begunAt;
        while (taken() < expected || !load.isOver()) {
            long now = taken() + load.accepted();
            movedAt = now != seen ? System.nanoTime() : movedAt;
            seen = now;
            boolean stuck = System.nanoTime() - movedAt > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
            String text = "accepted %,d of %,d mails; delivered to %,d of %,d recipients"
                    .formatted(load.accepted(), mails, taken(), expected);
            if (stuck || dead() != null || !progress.test(text)) {
                break;
            }
            new CountDownLatch(1).await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunAt);
        return result(load, millis);
    }

    private Result result(DemoLoad load, long millis) throws IOException, InterruptedException {
        Sent sent = load.sent();
        try (Cluster cluster = cluster()) {
            Ledger.Balance balance = settled(cluster);
            FateCount fates = new FateCount(cluster.kafka());
            fates.readTo(cluster.committedSpans(cluster.topics().events().name()), () -> {});
            return new Result(
                    sent,
                    taken(),
                    fates.of(Event.Kind.DEFERRED),
                    fates.of(Event.Kind.FAILED),
                    fates.of(Event.Kind.GENERATED),
                    millis,
                    load.tellingQueueId(),
                    balance);
        }
    }

    /** The last outcomes are committed a moment after their exchanger said 250. */
    private static Ledger.Balance settled(Cluster cluster) throws InterruptedException {
        for (int look = 1; ; look++) {
            Ledger.Balance balance = new Ledger(cluster, new KnownSchemas(), read -> {}).balance();
            boolean settled = balance.terms().isBalanced() && balance.terms().inFlight() == 0;
            if (settled || look == 10) {
                return balance;
            }
            new CountDownLatch(1).await(LOOK_MILLIS * 3, TimeUnit.MILLISECONDS);
        }
    }

    private long taken() {
        return exchangers.stream()
                .mapToLong(exchanger -> exchanger.counts().recipients())
                .sum();
    }

    public InetSocketAddress listener() {
        return node.listeners().get(0);
    }

    public InetSocketAddress metricsAddress() {
        return node.metricsAddress();
    }

    public Path configFile() {
        return directory.resolve("postroad.yaml");
    }

    public Cluster cluster() {
        return new Cluster(node.kafka(), node.topics());
    }

    public @Nullable String dead() {
        return node.dead();
    }

    @Override
    public void close() {
        node.close();
        exchangers.forEach(ScriptedExchanger::close);
        delete(directory);
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
