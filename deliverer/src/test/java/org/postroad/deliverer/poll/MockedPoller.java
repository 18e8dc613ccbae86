package org.postroad.deliverer.poll;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.postroad.deliverer.Road;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.ScriptedDispatch;
import org.postroad.deliverer.commit.Assignments;
import org.postroad.deliverer.commit.CommitCycle;
import org.postroad.deliverer.commit.FaultyCluster;
import org.postroad.deliverer.commit.OutcomeRecords;
import org.postroad.deliverer.commit.OutcomeWriter;
import org.postroad.deliverer.commit.PollerMetrics;
import org.postroad.deliverer.commit.SchemaLessons;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deliverer.delivery.Lease;
import org.postroad.deliverer.fate.RetryPolicy;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Topics;
import org.postroad.testkit.ManualClock;

/** A poller and its membership on Kafka's mock clients, turn by turn, with time standing still. */
class MockedPoller {
    static final String OUTBOUND = "p.outbound";
    static final TopicPartition FIRST = new TopicPartition(OUTBOUND, 0);
    static final TopicPartition SECOND = new TopicPartition(OUTBOUND, 1);
    static final Duration TICK = Duration.ofMillis(30);

    final FaultyCluster cluster = new FaultyCluster();
    final ManualClock clock = new ManualClock();
    final KnownSchemas schemas = new KnownSchemas();
    final Codec<Delivery> codec = new Codec<>(Delivery.class, schemas);
    final CollectorRegistry registry = new CollectorRegistry();
    final Lease lease = new Lease(1_000);
    final AtomicInteger lessons = new AtomicInteger();
    final ScriptedDispatch dispatch = ScriptedDispatch.holding(delivery -> true);
    final MembershipChanges changes = new MembershipChanges();
    final Membership membership =
            new Membership(cluster.member, OUTBOUND, "p.control", changes, new SessionProof(lease, 0), clock, () -> {});
    final DeliveryPoller poller = poller();

    DeliveryPoller poller() {
        RetryConfig retry = RetryConfig.DEFAULT;
        Topics topics = new Topics("p.", Topics.Size.STANDALONE, retry.tiers(), retry.lifetime());
        Assignments assignments = new Assignments();
        OutcomeWriter writer = new OutcomeWriter(
                cluster.producers, cluster.consumer, assignments::group, assignments::isCurrent, clock);
        PollerMetrics metrics = new PollerMetrics(registry);
        OutcomeRecords records = new OutcomeRecords(topics, schemas, new RetryPolicy(retry.schedule()));
        CommitCycle commits = new CommitCycle(assignments, writer, records, lease, metrics, clock, clock);
        Handout handout = new Handout(
                cluster.consumer,
                assignments,
                dispatch.completingTo(commits),
                commits,
                codec,
                new SchemaLessons(lessons::incrementAndGet),
                clock);
        return new DeliveryPoller(
                cluster.consumer,
                changes,
                assignments,
                handout,
                commits,
                dispatch,
                lease,
                new DeliveryPoller.Settings(Duration.ofSeconds(60), 1 << 20),
                clock);
    }

    @BeforeEach
    void subscribe() {
        cluster.committed.put(FIRST, new OffsetAndMetadata(0));
        cluster.committed.put(SECOND, new OffsetAndMetadata(0));
        cluster.consumer.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
        cluster.member.subscribe(List.of(OUTBOUND), membership);
    }

    void assign(TopicPartition... partitions) {
        cluster.member.rebalance(List.of(partitions));
    }

    /** The member's thread, which waits in its callback. */
    CompletableFuture<Void> revoke(TopicPartition... partitions) {
        return CompletableFuture.runAsync(() -> membership.onPartitionsRevoked(List.of(partitions)));
    }

    void turnUntilDone(CompletableFuture<Void> callback) {
        Road.await(() -> {
            turn();
            return callback.isDone();
        });
    }

    void send(TopicPartition partition, long... offsets) {
        for (long offset : offsets) {
            byte[] value = codec.encode(
                    Samples.delivery(Samples.envelope(Samples.queueId(offset), Samples.recipient("a@b.test"))));
            cluster.consumer.addRecord(new ConsumerRecord<>(
                    partition.topic(), partition.partition(), offset, "b.test".getBytes(UTF_8), value));
        }
    }

    void turn() {
        turnWithoutTime();
        clock.advance(TICK);
    }

    void turnWithoutTime() {
        poller.turn();
    }

    double metric(String name) {
        Double value = registry.getSampleValue(name);
        return value == null ? 0 : value;
    }
}
