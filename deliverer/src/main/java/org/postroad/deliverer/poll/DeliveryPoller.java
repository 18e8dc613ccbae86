package org.postroad.deliverer.poll;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.postroad.deliverer.work.Dispatch;
import org.postroad.deliverer.work.Lease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deliverer's one poller: polls, hands out, collects outcomes, commits, pauses what is full; it never waits for work.
 *
 * <p>It owns its consumer and every {@link OwnedPartition}; nothing of them is touched by another thread. Only while a partition
 * leaves does it stop polling, for the drain limit at most: the group waits for a member that gives partitions up, the heartbeat has
 * a thread of its own, and everyone's outcomes are committed meanwhile.
 */
public final class DeliveryPoller implements Runnable, ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryPoller.class);

    private static final Duration BUSY_POLL = Duration.ofMillis(5);
    private static final Duration IDLE_POLL = Duration.ofMillis(50);
    private static final Duration COMMITTED_LIMIT = Duration.ofMillis(200);
    private static final long DRAIN_STEP_MILLIS = 5;

    /** What was abandoned comes back at once; this is for loops that are busy. */
    private static final Duration ABANDONED_LIMIT = Duration.ofSeconds(2);

    /** As long as the broker would keep a transaction open. */
    private static final Duration LAST_COMMIT_LIMIT = Duration.ofSeconds(10);

    private final Consumer<byte[], byte[]> consumer;
    private final Assignments assignments;
    private final Handout handout;
    private final CommitCycle commits;
    private final Dispatch dispatch;
    private final Lease lease;
    private final Settings settings;
    private final LongSupplier nanoTime;
    private final Runnable onMembersChanged;
    private final Pressure nodePressure = new Pressure();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch prepared = new CountDownLatch(1);

    /**
     * What it is told.
     *
     * @param topic outbound
     * @param octetsLimit of all open deliveries of this node
     */
    public record Settings(String topic, Duration drainLimit, long octetsLimit) {}

    public DeliveryPoller(
            Consumer<byte[], byte[]> consumer,
            Assignments assignments,
            Handout handout,
            CommitCycle commits,
            Dispatch dispatch,
            Lease lease,
            Settings settings,
            LongSupplier nanoTime,
            Runnable onMembersChanged) {
        this.consumer = consumer;
        this.assignments = assignments;
        this.handout = handout;
        this.commits = commits;
        this.dispatch = dispatch;
        this.lease = lease;
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.onMembersChanged = onMembersChanged;
    }

    /** Returns after {@link #close}, everything drained; throws when delivering on would be wrong. */
    @Override
    public void run() {
        consumer.subscribe(List.of(settings.topic()), this);
        try {
            while (closing.getCount() > 0) {
                turn();
            }
        } catch (InvalidOffsetException e) {
            throw new MissingOffsetException(e.partitions());
        } finally {
            drain(assignments.partitions());
            // Before the group hears of it: what did not come back must not be sent beside a successor's.
            lease.end();
        }
    }

    /** Asks it to take nothing more, drain and return; from any thread. */
    public void close() {
        closing.countDown();
    }

    /** Whether it has had its first partitions, and so is a member of the group. */
    public boolean isPrepared() {
        return prepared.getCount() == 0;
    }

    void turn() {
        handout.handOut(consumer.poll(isBusy() ? BUSY_POLL : IDLE_POLL));
        prepareAssigned();
        commits.collect(0);
        commits.commitIfDue();
        adjustIntake();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        assignments.add(partitions);
        // Nothing is taken before the group's ledger is known; see prepareAssigned.
        consumer.pause(partitions);
        prepared.countDown();
        onMembersChanged.run();
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        drain(partitions);
        assignments.remove(partitions);
        endLeaseIfNothingIsOwned();
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        LOG.atWarn().addKeyValue("partitions", partitions).log("partitions were lost: what is uncommitted is dropped");
        assignments.remove(partitions);
        endLeaseIfNothingIsOwned();
        dispatch.revoke(Set.copyOf(partitions));
    }

    private void endLeaseIfNothingIsOwned() {
        if (assignments.isEmpty()) {
            lease.end();
        }
    }

    private boolean isBusy() {
        return commits.hasUncommitted() || assignments.sum(OwnedPartition::started) > 0;
    }

    /** Reads what the group committed for new partitions; those not answered in time are asked again at the next turn. */
    private void prepareAssigned() {
        List<OwnedPartition> fresh = assignments.where(owned -> !owned.isPrepared());
        if (fresh.isEmpty()) {
            return;
        }
        Set<TopicPartition> partitions =
                fresh.stream().map(owned -> owned.partition).collect(Collectors.toSet());
        try {
            Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(partitions, COMMITTED_LIMIT);
            fresh.forEach(owned -> prepare(owned, committed.get(owned.partition)));
        } catch (TimeoutException e) {
            LOG.atWarn().addKeyValue("partitions", partitions).setCause(e).log("committed offsets are not known yet");
        }
    }

    private static void prepare(OwnedPartition owned, @org.jspecify.annotations.Nullable OffsetAndMetadata committed) {
        if (committed == null) {
            throw new MissingOffsetException(List.of(owned.partition));
        }
        FinishedOffsets finished = LedgerCodec.decode(committed.offset(), committed.metadata());
        if (finished == null) {
            LOG.atError()
                    .addKeyValue("partition", owned.partition)
                    .log("the committed ledger cannot be read: mail finished above the mark is delivered again");
            finished = FinishedOffsets.below(committed.offset());
        }
        owned.prepare(finished);
    }

    /** Pauses what may take no more and resumes what may; asks for relief where mail does not leave. */
    private void adjustIntake() {
        long now = nanoTime.getAsLong();
        long octets = assignments.sum(OwnedPartition::startedOctets);
        boolean nodeOpen = lease.isHeld(now) && octets < settings.octetsLimit();
        Set<TopicPartition> paused = consumer.paused();
        Set<TopicPartition> toPause = new HashSet<>();
        Set<TopicPartition> toResume = new HashSet<>();
        for (OwnedPartition owned : assignments.all()) {
            boolean open = nodeOpen && owned.isPrepared() && !owned.isFull() && !owned.isBlocked(now);
            if (open == paused.contains(owned.partition)) {
                (open ? toResume : toPause).add(owned.partition);
            }
        }
        consumer.pause(toPause);
        consumer.resume(toResume);
        relieve(now, octets);
    }

    private void relieve(long now, long octets) {
        if (!lease.isHeld(now)) {
            nodePressure.forget();
            assignments.all().forEach(OwnedPartition::forgetPressure);
            return;
        }
        boolean tight = octets * 4 >= settings.octetsLimit() * 3;
        boolean wanted = nodePressure.isLasting(
                now, tight, assignments.sum(OwnedPartition::started), assignments.sum(OwnedPartition::finished));
        for (OwnedPartition owned : assignments.all()) {
            wanted |= owned.needsRelief(now);
        }
        if (wanted) {
            dispatch.relieve();
        }
    }

    /** Lets what is past its dot be answered, within the limit, while everyone's outcomes are committed. */
    private void drain(Collection<TopicPartition> partitions) {
        dispatch.revoke(Set.copyOf(partitions));
        commitUntil(settings.drainLimit(), () -> assignments.started(partitions) == 0);
        if (assignments.started(partitions) > 0) {
            dispatch.abandon(Set.copyOf(partitions));
            commitUntil(ABANDONED_LIMIT, () -> assignments.started(partitions) == 0);
        }
        // The others go on completing meanwhile: only what leaves has to be committed now.
        commitUntil(LAST_COMMIT_LIMIT, () -> {
            if (commits.hasUncommitted(partitions)) {
                commits.commit();
            }
            return !commits.hasUncommitted(partitions);
        });
    }

    private void commitUntil(Duration limit, BooleanSupplier done) {
        long begun = nanoTime.getAsLong();
        while (!done.getAsBoolean() && nanoTime.getAsLong() - begun < limit.toNanos()) {
            commits.collect(DRAIN_STEP_MILLIS);
            commits.commitIfDue();
        }
    }
}
