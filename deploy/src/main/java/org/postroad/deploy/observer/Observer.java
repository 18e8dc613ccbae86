package org.postroad.deploy.observer;

import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.Topics;

/** The read side: an index of the events in a directory of its own, and what it answers over HTTP. */
public final class Observer implements AutoCloseable {
    private static final int POLL_RECORDS = 5_000;
    private static final int PARTITION_OCTETS = 4 << 20;
    private static final int FETCH_OCTETS = 16 << 20;

    /** Who asks waits for it: a broker answers the question for the end only after the fetch before it. */
    private static final int FETCH_WAIT_MILLIS = 50;

    private final IndexLoop loop;
    private final Thread thread;
    private final AdminServer server;

    private Observer(IndexLoop loop, Thread thread, AdminServer server) {
        this.loop = loop;
        this.thread = thread;
        this.server = server;
    }

    /**
     * Listens at once; the index answers when it is open, and is ready when it has all events.
     *
     * @param directory where the index is kept
     * @param lifetime how long mail is tried
     * @throws java.net.BindException naming the address that cannot be listened on
     * @throws LinkageError where the store's library cannot be loaded
     */
    public static Observer start(
            ObserverConfig config,
            Path directory,
            KafkaSettings kafka,
            Topics topics,
            Duration lifetime,
            CollectorRegistry registry)
            throws IOException {
        Store.loadLibrary();
        Map<String, Object> settings = kafka.consumer("postroad-observer");
        settings.put("max.poll.records", POLL_RECORDS);
        settings.put("max.partition.fetch.bytes", PARTITION_OCTETS);
        settings.put("fetch.max.bytes", FETCH_OCTETS);
        settings.put("fetch.max.wait.ms", FETCH_WAIT_MILLIS);
        Duration kept = Objects.requireNonNull(topics.events().retention()).plus(lifetime);
        IndexLoop loop = new IndexLoop(
                new IndexLoop.Parts(directory, kept, lifetime, Clock.systemUTC(), new ObserverMetrics(registry)),
                new KafkaConsumer<>(settings),
                new EventsTopic(
                        Admin.create(kafka.admin("postroad-observer")),
                        topics.events().name()));
        Thread thread = new Thread(loop, "postroad-observer");
        try {
            AdminRequests requests = new AdminRequests(loop, config.tokens(), config.cluster(), Clock.systemUTC());
            AdminServer server = AdminServer.start(config.address(), requests);
            thread.setDaemon(true);
            thread.start();
            return new Observer(loop, thread, server);
        } catch (IOException | RuntimeException e) {
            loop.stop();
            loop.run(); // closes what it was given
            throw e;
        }
    }

    public InetSocketAddress address() {
        return server.address();
    }

    /** Whether all events were in the index once. */
    public boolean isReady() {
        return loop.hasCaughtUp();
    }

    public boolean isLive() {
        return thread.isAlive();
    }

    /** Null: what fails is begun again. */
    public @Nullable Throwable fault() {
        return null;
    }

    @Override
    public void close() {
        server.close();
        loop.stop();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
