package org.postroad.deploy.node;

import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.deploy.config.Configuration;
import org.postroad.ingress.Ingress;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.Refusal;
import org.postroad.schemas.RefusedException;
import org.postroad.schemas.RightsCheck;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UnreachableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process's part of the road: its roles, its endpoints, its housekeeping, and in a standalone its broker.
 *
 * <p>Started and ended by one thread; what was started last ends first.
 */
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Configuration configuration;
    private final Set<Part> parts;
    private final CollectorRegistry registry = new CollectorRegistry();
    private final CountDownLatch brokerFault = new CountDownLatch(1);
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    /** Read by the threads of the endpoints too. */
    private final List<Role> roles = new CopyOnWriteArrayList<>();

    private KafkaSettings kafka;
    private final Topics topics;
    private @Nullable Path data;

    /** Whether a start should go no further. */
    private final BooleanSupplier stopping;

    private Node(Configuration configuration, Topics.Size size, Set<Part> parts, BooleanSupplier stopping) {
        this.configuration = configuration;
        this.parts = parts;
        this.stopping = stopping;
        this.kafka = configuration.kafka();
        this.topics = configuration.topics(size);
    }

    /** Which role to start, as the command line names it. */
    public enum Part {
        INGRESS(KafkaUser.INGRESS),
        ROUTER(KafkaUser.ROUTER),
        DELIVERER(KafkaUser.DELIVERER),
        OBSERVER(KafkaUser.OBSERVER);

        private final KafkaUser user;

        Part(KafkaUser user) {
            this.user = user;
        }
    }

    /** One role against a cluster whose topics are there and fit. */
    public static Node role(Part part, Configuration configuration, Path data) throws IOException {
        return role(part, configuration, data, () -> false);
    }

    /**
     * The same, until told to stop.
     *
     * @throws StoppedException when it was, with all closed that had been started
     */
    public static Node role(Part part, Configuration configuration, Path data, BooleanSupplier stopping)
            throws IOException {
        Node node = new Node(configuration, Topics.Size.CLUSTER, Set.of(part), stopping);
        return node.started(() -> {
            if (part == Part.INGRESS) {
                Ingress.requireFreeAddresses(configuration.ingress());
            } else {
                node.take(data, part);
            }
            node.goOn();
            RightsCheck.require(node.kafka, node.topics, part.user);
            try {
                node.startRole(part, data);
            } catch (RuntimeException e) {
                throw RightsCheck.explained(e, node.kafka, node.topics, part.user);
            }
        });
    }

    private void startRole(Part part, Path data) throws IOException {
        if (part == Part.OBSERVER) {
            add(roles().observer(data.resolve("observer")));
            return;
        }
        try (TopicAdmin admin = new TopicAdmin(kafka, topics)) {
            goOn();
            admin.require();
            admin.advice().forEach(line -> LOG.atWarn().log(line));
        }
        goOn();
        Roles starts = roles();
        switch (part) {
            case INGRESS -> add(starts.ingress());
            case ROUTER -> add(starts.router(data.resolve("router")));
            case DELIVERER -> add(starts.deliverer(data));
            case OBSERVER -> throw new IllegalArgumentException("it needs one topic alone");
        }
    }

    /**
     * All roles and a broker of their own, with everything in one directory.
     *
     * <p>Mail is taken as soon as the topics are there, since from then on it is kept, whenever the others get to it: after a
     * kill the deliverer waits until its former self has left the group. This returns when all do their work.
     */
    public static Node standalone(Configuration configuration, Path data) throws IOException {
        return standalone(configuration, data, () -> false);
    }

    /**
     * The same, until told to stop.
     *
     * @throws StoppedException when it was, with all closed that had been started
     */
    public static Node standalone(Configuration configuration, Path data, BooleanSupplier stopping) throws IOException {
        Node node = new Node(configuration, Topics.Size.STANDALONE, Set.of(Part.values()), stopping);
        return node.started(() -> {
            Ingress.requireFreeAddresses(configuration.ingress());
            node.take(data, Part.ROUTER);
            node.take(data, Part.DELIVERER);
            node.goOn();
            node.startBroker(data.resolve("kafka"));
            node.goOn();
            Roles roles = node.roles();
            RoleStarts.atOnce(() -> roles.router(data.resolve("router")), () -> roles.deliverer(data), roles::ingress)
                    .forEach(node::add);
            node.awaitReady();
            node.observe(data);
        });
    }

    /** Mail goes on without it. */
    private void observe(Path data) {
        if (!configuration.observesItself()) {
            return;
        }
        try {
            take(data, Part.OBSERVER);
            Role observer = roles().observer(data.resolve("observer"));
            opened.push(observer.running());
        } catch (IOException | RuntimeException | LinkageError e) {
            LOG.atWarn().addKeyValue("why", e.getMessage()).log("nobody observes: commands read the topics instead");
        }
    }

    public List<InetSocketAddress> listeners() {
        return roles.stream().flatMap(role -> role.listeners().stream()).toList();
    }

    public List<InetSocketAddress> httpListeners() {
        return roles.stream().flatMap(role -> role.httpListeners().stream()).toList();
    }

    public KafkaSettings kafka() {
        return kafka;
    }

    public Topics topics() {
        return topics;
    }

    /** What runs here. */
    Set<Part> parts() {
        return parts;
    }

    public CollectorRegistry registry() {
        return registry;
    }

    public InetSocketAddress metricsAddress() {
        return opened.stream()
                .filter(Endpoints.class::isInstance)
                .map(endpoints -> ((Endpoints) endpoints).address())
                .findFirst()
                .orElse(configuration.metricsAddress());
    }

    public boolean isReady() {
        return roles.stream().allMatch(Role::isReady);
    }

    /** The first thing here that will never work again, or null. */
    public @Nullable String dead() {
        if (brokerFault.getCount() == 0) {
            return "the embedded broker has failed";
        }
        return roles.stream()
                .filter(role -> !role.isLive())
                .map(role -> "the " + role.name() + " has stopped")
                .findFirst()
                .orElse(null);
    }

    /** What Kafka refused a role that it ended for; null where it ended for something else, or not at all. */
    public @Nullable RefusedException refused() {
        return roles.stream()
                .map(role -> Refusal.in(role.fault().get()))
                .filter(Objects::nonNull)
                .findFirst()
                .map(refusal -> RightsCheck.refused(
                        refusal, kafka, topics, parts.iterator().next().user))
                .orElse(null);
    }

    @Override
    public void close() {
        // Who interrupts a start wants an end, and a clean one: the parts must not take the interrupt for theirs.
        boolean interrupted = Thread.interrupted();
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("a part did not end cleanly");
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a start does; it may fail in the middle. */
    private interface Steps {
        void run() throws IOException;
    }

    private Node started(Steps steps) throws IOException {
        try {
            opened.push(Endpoints.start(
                    configuration.metricsAddress(), registry, () -> dead() == null, this::hasStartedAndIsReady));
            steps.run();
            warn();
            return this;
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Of what works now and will be regretted. */
    private void warn() {
        String hostname = configuration.oddHostname();
        if (hostname != null) {
            LOG.atWarn()
                    .addKeyValue("hostname", hostname)
                    .log(
                            "set node.hostname: receivers judge by its name who sends, and this one means nothing to them");
        }
        String passing = data == null ? null : NodeDirectory.passing(data);
        if (passing != null) {
            LOG.atWarn()
                    .addKeyValue("data", data)
                    .addKeyValue("fileSystem", passing)
                    .log("the data directory is not on a disk that outlives this container or machine");
        }
    }

    /** Between two steps of a start. */
    private void goOn() {
        if (stopping.getAsBoolean()) {
            throw new StoppedException();
        }
    }

    private boolean hasStartedAndIsReady() {
        return !roles.isEmpty() && isReady();
    }

    private void take(Path data, Part part) throws IOException {
        this.data = data;
        opened.push(NodeDirectory.take(data, Ascii.lower(part.name())));
    }

    private void startBroker(Path directory) throws IOException {
        EmbeddedBroker broker =
                EmbeddedBroker.start(directory, configuration.kafkaPort(), Map.of(), fault -> brokerFault.countDown());
        opened.push(broker);
        goOn();
        kafka = new KafkaSettings(broker.bootstrapServers(), kafka.topicPrefix(), Map.of(), true);
        try (TopicAdmin admin = new TopicAdmin(kafka, topics)) {
            admin.create();
            admin.require();
        }
    }

    private Roles roles() {
        return new Roles(configuration, kafka, topics, registry);
    }

    private void add(Role role) {
        opened.push(role.running());
        roles.add(role);
    }

    /** Waits a minute at most until every role that was started does its work. */
    private void awaitReady() {
        long begunAt = System.nanoTime();
        CountDownLatch never = new CountDownLatch(1);
        while (!isReady()) {
            goOn();
            String dead = dead();
            if (dead != null) {
                throw new IllegalStateException(dead + " while it started");
            }
            if (System.nanoTime() - begunAt > START_LIMIT.toNanos()) {
                // What it takes is kept; to end now would help nobody, and the next start might take as long.
                LOG.atWarn()
                        .addKeyValue("after", START_LIMIT)
                        .log("mail is taken, but not all roles do their work yet");
                return;
            }
            try {
                never.await(10, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UnreachableException("interrupted while starting", e);
            }
        }
    }
}
