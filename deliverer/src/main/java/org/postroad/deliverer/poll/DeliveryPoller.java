package org.postroad.deliverer.poll;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.postroad.deliverer.commit.Assignments;
import org.postroad.deliverer.commit.CommitCycle;
import org.postroad.deliverer.commit.FinishedOffsets;
import org.postroad.deliverer.commit.LedgerCodec;
import org.postroad.deliverer.commit.MissingOffsetException;
import org.postroad.deliverer.commit.OwnedPartition;
import org.postroad.deliverer.commit.Pressure;
import org.postroad.deliverer.delivery.Dispatch;
import org.postroad.deliverer.delivery.Lease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deliverer's one poller: polls, hands out, collects outcomes, commits, pauses what is full; it never waits for work.
 *
 * <p>It owns the reader and every {@link OwnedPartition}; nothing of them is touched by another thread. Which partitions are this
 * node's it is told by {@link MembershipChanges}; who is the member waits while some of them leave, and here everything else goes on.
 */
public final class DeliveryPoller implements Runnable, MembershipChanges.Follower {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryPoller.class);

    private static final Duration BUSY_POLL = Duration.ofMillis(5);
    private static final Duration IDLE_POLL = Duration.ofMillis(50);
    private static final Duration COMMITTED_LIMIT = Duration.ofMillis(200);
    private static final long DRAIN_STEP_MILLIS = 5;

    private final Consumer<byte[], byte[]> reader;
    private final MembershipChanges changes;
    private final Assignments assignments;
    private final Handout handout;
    private final CommitCycle commits;
    private final Dispatch dispatch;
    private final Lease lease;
    private final Settings settings;
    private final Ticker ticker;
    private final Departures departures;
    private final Pressure nodePressure = new Pressure();
    private final CountDownLatch closing = new CountDownLatch(1);

    /**
     * What it is told.
     *
     * @param octetsLimit of all open deliveries of this node
     */
    public record Settings(Duration drainLimit, long octetsLimit) {}

    /** @param reader of outbound, a consumer that is told what to read and only asks the group for what it committed */
    public DeliveryPoller(
            Consumer<byte[], byte[]> reader,
            MembershipChanges changes,
            Assignments assignments,
            Handout handout,
            CommitCycle commits,
            Dispatch dispatch,
            Lease lease,
            Settings settings,
            Ticker ticker) {
        this.reader = reader;
        this.changes = changes;
        this.assignments = assignments;
        this.handout = handout;
        this.commits = commits;
        this.dispatch = dispatch;
        this.lease = lease;
        this.settings = settings;
        this.ticker = ticker;
        this.departures = new Departures(assignments, commits, dispatch, settings.drainLimit());
    }

    /** Returns after {@link #close}, everything drained; throws when delivering on would be wrong. */
    @Override
    public void run() {
        try {
            while (closing.getCount() > 0) {
                turn();
                if (reader.assignment().isEmpty()) {
                    commits.collect(waitFor().toMillis()); // the reader has nothing to wait for
                }
            }
        } catch (InvalidOffsetException e) {
            throw new MissingOffsetException(e.partitions());
        } finally {
            try {
                leave();
            } finally {
                // Before the group hears of it: what did not come back must not be sent beside a successor's.
                lease.end();
                changes.over();
            }
        }
    }

    /** Asks it to take nothing more, drain and return; from any thread. */
    public void close() {
        closing.countDown();
    }

    /** One round of its work; it waits for records alone. */
    public void turn() {
        changes.tell(this);
        prepareAssigned();
        handout.handOut(read());
        commits.collect(0);
        commits.commitIfDue();
        depart();
        adjustIntake();
    }

    /** Gives everything up, and whatever the group assigns meanwhile. */
    private void leave() {
        while (!leaveTurn()) {
            commits.collect(DRAIN_STEP_MILLIS);
        }
    }

    /** One round of giving everything up; true when nothing is left. */
    public boolean leaveTurn() {
        changes.tell(this);
        departures.begin(assignments.partitions(), Departures.LAST_COMMIT_LIMIT_AT_END, ticker.nanoTime());
        commits.collect(0);
        commits.commitIfDue();
        depart();
        return assignments.isEmpty();
    }

    @Override
    public void assigned(Collection<TopicPartition> partitions, ConsumerGroupMetadata group) {
        assignments.group(group);
        // Nothing is taken before the group's ledger is known; see prepareAssigned.
        assignments.add(partitions);
    }

    @Override
    public void leaving(Collection<TopicPartition> partitions, ConsumerGroupMetadata group, Runnable gone) {
        assignments.group(group);
        departures.begin(partitions, Departures.LAST_COMMIT_LIMIT, ticker.nanoTime());
        departures.whenGone(partitions, gone);
        readOwned();
    }

    @Override
    public void lost(Collection<TopicPartition> partitions) {
        assignments.remove(partitions);
        endLeaseIfNothingIsOwned();
        dispatch.revoke(Set.copyOf(partitions));
        // At once: should one of them come back, it is read from where the group then is.
        readOwned();
    }

    @Override
    public void proven(long begunNanos) {
        // In its turn: behind a loss, it would speak of partitions that the event loops take for ours and are not.
        lease.proveSession(begunNanos);
    }

    @Override
    public void ended() {
        close();
    }

    private void depart() {
        departures.proceed(ticker.nanoTime());
        endLeaseIfNothingIsOwned();
    }

    private void endLeaseIfNothingIsOwned() {
        if (assignments.isEmpty()) {
            lease.end();
        }
    }

    private ConsumerRecords<byte[], byte[]> read() {
        return reader.assignment().isEmpty() ? ConsumerRecords.empty() : reader.poll(waitFor());
    }

    private Duration waitFor() {
        return isBusy() ? BUSY_POLL : IDLE_POLL;
    }

    /** Makes the reader read what is this node's and stays, and pauses what is new to it. */
    private void readOwned() {
        Set<TopicPartition> wanted = new HashSet<>();
        assignments.where(OwnedPartition::isRead).forEach(owned -> wanted.add(owned.partition));
        Set<TopicPartition> before = Set.copyOf(reader.assignment());
        if (!wanted.equals(before)) {
            reader.assign(wanted);
            wanted.removeAll(before);
            reader.pause(wanted);
        }
    }

    private boolean isBusy() {
        return commits.hasUncommitted() || assignments.sum(OwnedPartition::started) > 0;
    }

    /** Reads what the group committed for new partitions; those not answered in time are asked again at the next turn. */
    private void prepareAssigned() {
        List<OwnedPartition> fresh = assignments.where(owned -> !owned.isPrepared() && !owned.isLeaving());
        if (fresh.isEmpty()) {
            return;
        }
        Set<TopicPartition> partitions =
                fresh.stream().map(owned -> owned.partition).collect(Collectors.toSet());
        try {
            Map<TopicPartition, OffsetAndMetadata> committed = reader.committed(partitions, COMMITTED_LIMIT);
            fresh.forEach(owned -> prepare(owned, committed.get(owned.partition)));
            readOwned();
            committed.forEach((partition, offset) -> reader.seek(partition, offset.offset()));
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
        long now = ticker.nanoTime();
        long octets = assignments.sum(OwnedPartition::startedOctets);
        boolean nodeOpen = lease.isHeld(now) && octets < settings.octetsLimit();
        Set<TopicPartition> paused = reader.paused();
        Set<TopicPartition> toPause = new HashSet<>();
        Set<TopicPartition> toResume = new HashSet<>();
        for (OwnedPartition owned : assignments.where(OwnedPartition::isRead)) {
            boolean open = nodeOpen && !owned.isFull() && !owned.isBlocked(now);
            if (open == paused.contains(owned.partition)) {
                (open ? toResume : toPause).add(owned.partition);
            }
        }
        reader.pause(toPause);
        reader.resume(toResume);
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
}
