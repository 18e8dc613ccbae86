package org.postroad.router;

import io.prometheus.client.CollectorRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.AbandonedTransactions;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.Topics;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.ControlReader;
import org.postroad.schemas.policy.Policies;

/** A router node: Kafka Streams, exactly once, from inbound and again to outbound, from failed to bounces. */
public final class Router implements AutoCloseable {
    /** A stream thread finishes its transaction in far less; what does not is left to the transaction timeout. */
    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final KafkaStreams streams;
    private final StreamFaults faults;
    private final RouterMetrics metrics;
    private final AbandonedTransactions abandoned;
    private final ControlReader controlReader;
    private final Thread controlThread;

    private Router(
            KafkaStreams streams,
            StreamFaults faults,
            RouterMetrics metrics,
            AbandonedTransactions abandoned,
            ControlReader controlReader,
            Thread controlThread) {
        this.streams = streams;
        this.faults = faults;
        this.metrics = metrics;
        this.abandoned = abandoned;
        this.controlReader = controlReader;
        this.controlThread = controlThread;
    }

    /**
     * Starts it; ready once its partitions are assigned and what was parked is restored.
     *
     * @throws org.postroad.schemas.UnreachableException if the cluster does not answer
     */
    public static Router start(
            RouterConfig config, KafkaSettings kafka, Topics topics, KnownSchemas schemas, CollectorRegistry registry) {
        ControlTopic control = new ControlTopic(kafka, topics, schemas);
        control.publishSchemas();
        CurrentPlan plans = new CurrentPlan(new RoutePlan(config));
        ControlReader controlReader = controlReader(
                kafka, topics, schemas, policies -> plans.replace(new RoutePlan(config, policies, schemas.ignored())));
        controlReader.begin();
        RouterMetrics metrics = new RouterMetrics(registry);
        Topology topology = new RouterTopology(topics, schemas, metrics, control::learn)
                .of(
                        plans,
                        DnsLookups.by(config.dnsServers()),
                        () -> new Bounces(config, new QueueIds(Clock.systemUTC(), new SecureRandom())));
        Properties settings = new Properties();
        settings.putAll(StreamSettings.of(config, kafka, topics, MemberName.of(config.stateDirectory())));
        KafkaStreams streams =
                new KafkaStreams(topology, new StreamsConfig(settings), new StreamClients(schemas, control::learn));
        StreamFaults faults = new StreamFaults();
        streams.setUncaughtExceptionHandler(faults);
        AbandonedTransactions abandoned = new AbandonedTransactions(
                kafka, "postroad-router-admin", topics.routerTransactions(), AbandonedTransactions.ABANDONED_AFTER);
        streams.setStateListener((state, before) -> {
            if (state == KafkaStreams.State.REBALANCING) {
                abandoned.end();
            }
        });
        streams.start();
        Thread controlThread = new Thread(controlReader, "postroad-router-control");
        controlThread.start();
        return new Router(streams, faults, metrics, abandoned, controlReader, controlThread);
    }

    private static ControlReader controlReader(
            KafkaSettings kafka, Topics topics, KnownSchemas schemas, Consumer<Policies> changed) {
        return new ControlReader(
                new KafkaConsumer<>(kafka.consumer("postroad-router-control")),
                topics.control().name(),
                schemas,
                Clock.systemUTC(),
                System::nanoTime,
                new ControlReader.Listener() {
                    @Override
                    public void changed(Policies policies) {
                        changed.accept(policies);
                    }

                    @Override
                    public boolean follows(Aspect aspect) {
                        return aspect == Aspect.ROUTE || aspect == Aspect.ROLL_UP;
                    }
                });
    }

    /** Whether it routes now. */
    public boolean isReady() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    /** False once it has stopped for good: an outage of Kafka is no reason, a lost offset is. */
    public boolean isLive() {
        return switch (streams.state()) {
            case ERROR, PENDING_ERROR, NOT_RUNNING -> false;
            default -> controlThread.isAlive();
        };
    }

    /** What ended it for good; null while it lives. */
    public @Nullable Throwable fault() {
        return faults.fatal();
    }

    @Override
    public void close() {
        faults.closing();
        controlReader.close();
        // Another has its partitions at once; as a member that may come back they would wait for its session to end.
        streams.close(CloseOptions.timeout(CLOSING)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        abandoned.close();
        metrics.close();
    }
}
