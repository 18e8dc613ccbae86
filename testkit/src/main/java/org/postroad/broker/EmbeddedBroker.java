package org.postroad.broker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.metadata.BrokerRegistration;
import org.apache.kafka.metadata.bootstrap.BootstrapDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole Kafka in this JVM: one node, broker and controller, on loopback, which has every append on disk before it is
 * acknowledged and comes back on the same directory after a clean end and after a kill.
 *
 * <p>None of the classes it starts is public API of Kafka: only this class and its neighbours name them. It builds the
 * controller and the broker itself, where {@code KafkaRaftServer} would do both, because only so can it hand in sockets that
 * are bound already and fault handlers that leave the JVM alive.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);

    /** The dead broker's session is 2 s. */
    private static final Duration FENCED_LIMIT = Duration.ofSeconds(30);

    private final BrokerFaults faults;
    private final String bootstrapServers;
    private final Deque<AutoCloseable> opened;

    private EmbeddedBroker(BrokerFaults faults, String bootstrapServers, Deque<AutoCloseable> opened) {
        this.faults = faults;
        this.bootstrapServers = bootstrapServers;
        this.opened = opened;
    }

    /** Starts a broker whose faults are only logged and kept for {@link #fault()}. */
    public static EmbeddedBroker start(Path dataDirectory, int port) throws IOException {
        return start(dataDirectory, port, Map.of());
    }

    /** The same with broker properties that go before its own. */
    public static EmbeddedBroker start(Path dataDirectory, int port, Map<String, String> properties)
            throws IOException {
        return start(dataDirectory, port, properties, fault -> {});
    }

    /**
     * Starts a broker and returns when it takes clients.
     *
     * @param dataDirectory the broker's alone; a directory of somebody else's in it would be taken for a partition
     * @param port of the clients' listener on 127.0.0.1; 0 picks a free one
     * @param properties broker properties that go before its own
     * @param onFatalFault told once, on a thread of Kafka's, when the broker can no longer be trusted; the JVM lives on
     * @throws PortInUseException before anything of Kafka has started
     * @throws DirectoryInUseException when a living process holds the directory, before anything of Kafka has started
     */
    public static EmbeddedBroker start(
            Path dataDirectory, int port, Map<String, String> properties, Consumer<Throwable> onFatalFault)
            throws IOException {
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            BoundSockets sockets = opening(opened, new BoundSockets());
            int brokerPort = sockets.bind(BrokerSettings.BROKER_LISTENER, port);
            // Nobody outside this process talks to the controller, so each start may pick another port for it.
            int controllerPort = sockets.bind(BrokerSettings.CONTROLLER_LISTENER, 0);
            LogDirectory directory = opening(opened, LogDirectory.take(dataDirectory.toAbsolutePath()));
            BrokerFaults faults = opening(opened, BrokerFaults.reportingTo(onFatalFault));

            Map<String, String> settings = BrokerSettings.single(directory.path(), brokerPort, controllerPort);
            settings.putAll(properties);
            run(new KafkaConfig(settings, false), directory, controllerPort, faults, sockets, opened);
            return new EmbeddedBroker(faults, "127.0.0.1:" + brokerPort, opened);
        } catch (IOException | RuntimeException | Error e) {
            closeAll(opened);
            throw e;
        } catch (Exception e) {
            closeAll(opened);
            throw new IOException("the embedded broker did not start: " + e.getMessage(), e);
        }
    }

    private static void run(
            KafkaConfig config,
            LogDirectory directory,
            int controllerPort,
            BrokerFaults faults,
            BoundSockets sockets,
            Deque<AutoCloseable> opened)
            throws Exception {
        Metrics metrics = opening(opened, new Metrics());
        InetSocketAddress voter = new InetSocketAddress("127.0.0.1", controllerPort);
        SharedServer shared = new SharedServer(
                config,
                directory.formatted(),
                Time.SYSTEM,
                metrics,
                CompletableFuture.completedFuture(Map.of(config.nodeId(), voter)),
                List.of(),
                faults::handler,
                sockets);
        ControllerServer controller = new ControllerServer(
                shared,
                KafkaRaftServer.configSchema(),
                new BootstrapDirectory(directory.path().toString()).read());
        opened.push(controller::shutdown);
        controller.startup();
        awaitPredecessorFenced(controller, config.nodeId());
        BrokerServer broker = new BrokerServer(shared);
        opened.push(broker::shutdown);
        broker.startup();
    }

    /**
     * After a kill, waits until the controller knows that the dead broker is gone; the new one could not register earlier anyway.
     *
     * <p>Started at once, it would take the dead one's leadership for its own, load the transactions, and while its partitions then
     * lose their leader for a moment, Kafka 4.3.1 takes those without one for deleted and completes a decided transaction without its
     * markers ({@code TransactionMarkerChannelManager}, {@code KRaftMetadataCache.getPartitionLeaderEndpoint}): every committed read
     * of them would stand still for ever.
     */
    private static void awaitPredecessorFenced(ControllerServer controller, int nodeId)
            throws IOException, InterruptedException {
        long begunAt = System.nanoTime();
        while (!isPredecessorGone(controller.metadataCache().currentImage(), nodeId)) {
            if (System.nanoTime() - begunAt > FENCED_LIMIT.toNanos()) {
                throw new IOException("the controller still waits for the broker that was killed");
            }
            new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS);
        }
    }

    private static boolean isPredecessorGone(MetadataImage image, int nodeId) {
        if (image.provenance().lastContainedOffset() < 0) {
            return false; // nothing has been read yet
        }
        BrokerRegistration predecessor = image.cluster().broker(nodeId);
        return predecessor == null || predecessor.fenced() || predecessor.inControlledShutdown();
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** The first fatal fault, if there was one: what the broker still answers is then not to be relied on. */
    public Optional<Throwable> fault() {
        return faults.first();
    }

    /** Ends the broker cleanly: no recovery will be needed at the next start. */
    @Override
    public void close() {
        closeAll(opened);
    }

    private static <T extends AutoCloseable> T opening(Deque<AutoCloseable> opened, T resource) {
        opened.push(resource);
        return resource;
    }

    private static void closeAll(Deque<AutoCloseable> opened) {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("a part of the embedded broker did not end cleanly");
            }
        }
    }
}
