package org.postroad.deliverer.simulation;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoop;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.postroad.deliverer.ControlListener;
import org.postroad.deliverer.VirtualLoop;
import org.postroad.deliverer.commit.Assignments;
import org.postroad.deliverer.commit.CommitCycle;
import org.postroad.deliverer.commit.OutcomeRecords;
import org.postroad.deliverer.commit.OutcomeWriter;
import org.postroad.deliverer.commit.PollerMetrics;
import org.postroad.deliverer.commit.SchemaLessons;
import org.postroad.deliverer.config.Limits;
import org.postroad.deliverer.delivery.Completions;
import org.postroad.deliverer.delivery.Dispatch;
import org.postroad.deliverer.delivery.Lease;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.delivery.Recoveries;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.deliverer.fate.RetryPolicy;
import org.postroad.deliverer.poll.DeliveryPoller;
import org.postroad.deliverer.poll.Handout;
import org.postroad.deliverer.poll.MembershipChanges;
import org.postroad.deliverer.poll.SessionProof;
import org.postroad.deliverer.retry.RecoveryChannel;
import org.postroad.deliverer.retry.RetryReader;
import org.postroad.deliverer.retry.RetryReaders;
import org.postroad.deliverer.send.SimulatedDestinations;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Policy;
import org.postroad.schemas.policy.ControlReader;

/** What {@link org.postroad.deliverer.Deliverer} builds, the same classes, on simulated clients and event loops and without threads. */
final class SimulatedDeliverer {
    /** How long mail past its final dot may take to be answered when its partition leaves. */
    static final Duration DRAIN_LIMIT = Duration.ofSeconds(60);

    /** Who runs it, and hears when there is work. */
    interface Runner {
        void started(OpenDelivery delivery);

        void finished();

        void recovered(RecoveryNotice notice);

        void limited(Limits limits);
    }

    final MembershipChanges changes = new MembershipChanges();
    final SimulatedConsumer outbound;
    final SimulatedConsumer waiting;
    final SimulatedConsumer said;
    final List<VirtualLoop> loops;
    final Lease lease;
    final SessionProof proof;
    final DeliveryPoller poller;
    final RetryReader retryReader;
    final ControlReader control;
    private final World world;
    private final SimulatedKafka kafka;
    private final SimulatedKafka.Client client;

    /** @param committed hears when each commit began that was answered */
    SimulatedDeliverer(
            String name,
            String member,
            World world,
            SimulatedKafka kafka,
            SimulatedKafka.Client client,
            Scenario scenario,
            SimulatedChannel.Network network,
            Runner runner,
            LongConsumer committed) {
        this.world = world;
        this.kafka = kafka;
        this.client = client;
        int records = 1 + kafka.pick(20);
        long skew = Scenario.SKEW.toMillis();
        Clock clock = Clock.offset(world.clock, Duration.ofMillis(kafka.pick((int) (2 * skew)) - skew));
        outbound = new SimulatedConsumer(kafka, client, member, records);
        waiting = new SimulatedConsumer(kafka, client, member, records);
        said = new SimulatedConsumer(kafka, client, "said", records);
        lease = new Lease(scenario.mostInDoubt);
        proof = new SessionProof(lease, world.now());
        Assignments assignments = new Assignments();
        CommitCycle commits = new CommitCycle(
                assignments,
                new OutcomeWriter(
                        limit -> producer("deliverer-" + name, kafka.deliverers, limit, committed),
                        outbound,
                        assignments::group,
                        assignments::isCurrent,
                        world.clock),
                new OutcomeRecords(kafka.topics, scenario.mails.schemas, new RetryPolicy(scenario.retry.schedule())),
                lease,
                new PollerMetrics(new CollectorRegistry()),
                clock,
                world.clock);
        retryReader = retryReader(name, scenario, records, clock);
        RecoveryChannel recoveries = new RecoveryChannel(
                Saying::new,
                kafka.topics,
                new Codec<>(Policy.class, scenario.mails.schemas),
                retryReader::recovered,
                clock);
        loops = Stream.generate(() -> new VirtualLoop(world.clock))
                .limit(scenario.loops)
                .toList();
        Completions completions = completion -> {
            commits.complete(completion);
            runner.finished();
        };
        Recoveries announcing = notice -> {
            recoveries.announce(notice);
            runner.recovered(notice);
        };
        Dispatch dispatch = new CountedDispatch(
                SimulatedDestinations.over(
                        List.<EventLoop>copyOf(loops),
                        loop -> bootstrap(loop, network),
                        scenario.config(),
                        completions,
                        lease,
                        new SimulatedContent(world.chance()),
                        announcing,
                        clock,
                        world.chance()),
                runner::started,
                runner::limited);
        control = new ControlReader(
                said,
                kafka.topics.control().name(),
                scenario.mails.schemas,
                clock,
                world.clock::nanoTime,
                new ControlListener(
                        scenario.config().limits(),
                        dispatch,
                        recoveries,
                        retryReader,
                        scenario.mails.schemas.ignored()));
        poller = new DeliveryPoller(
                outbound,
                changes,
                assignments,
                new Handout(
                        outbound,
                        assignments,
                        dispatch,
                        commits,
                        scenario.mails.deliveries,
                        lessons(scenario.mails.schemas),
                        world.clock),
                commits,
                dispatch,
                lease,
                new DeliveryPoller.Settings(DRAIN_LIMIT, 1 << 20),
                world.clock);
    }

    private RetryReader retryReader(String name, Scenario scenario, int records, Clock clock) {
        return RetryReaders.over(
                waiting,
                new SimulatedConsumer(kafka, client, "ahead", records),
                new SimulatedConsumer(kafka, client, "jobs", records),
                limit -> producer("retry-" + name, kafka.retriers, limit, begun -> {}),
                kafka.topics,
                scenario.mails.schemas,
                Counter.build("released", "test").create(),
                clock,
                world.clock);
    }

    private static Bootstrap bootstrap(EventLoop loop, SimulatedChannel.Network network) {
        return new Bootstrap()
                .group(loop)
                .channelFactory(() -> new SimulatedChannel(network))
                .disableResolver();
    }

    private SchemaLessons lessons(KnownSchemas all) {
        return new SchemaLessons(new ControlTopic(KafkaSettings.local("127.0.0.1:1"), kafka.topics, all));
    }

    private Producer<byte[], byte[]> producer(
            String transactionalId, SimulatedGroup members, Duration limit, LongConsumer committed) {
        return new SimulatedProducer(kafka, client, kafka.coordinator(transactionalId), members, limit, committed);
    }

    /** Without transactions: what it sends is there at once, or never. */
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // one thread runs all of the simulation
    private final class Saying extends MockProducer<byte[], byte[]> {
        Saying() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
            if (!client.isLate()) {
                kafka.said(record);
            }
            return new CompletableFuture<>();
        }
    }
}
