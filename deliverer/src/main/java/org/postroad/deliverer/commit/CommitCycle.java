package org.postroad.deliverer.commit;

import io.netty.util.concurrent.Ticker;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.deliverer.delivery.Completions;
import org.postroad.deliverer.delivery.Lease;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.FutureRelease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects what the event loops finish and commits it every 25 ms; commits the mark of an idle partition to renew the lease.
 *
 * <p>A renewal goes through the producer transaction as outcomes do, because that proves both that the group still knows us
 * under the generation that gave us our partitions, and that outcomes could be written. Committing by the consumer would prove
 * half of it, and could overtake a transaction and set an offset back. Confined to the poller's thread, but for
 * {@link #complete}.
 */
public final class CommitCycle implements Completions {
    private static final Logger LOG = LoggerFactory.getLogger(CommitCycle.class);

    private static final long INTERVAL_NANOS = 25_000_000L;

    /** A third of the lease's life: two renewals may fail before it ends. */
    private static final long RENEWAL_NANOS = Lease.LIFE.toNanos() / 3;

    /** Keeps one batch well below the producer's 32 MiB of buffers. */
    private static final long BATCH_OCTETS_LIMIT = 8L << 20;

    private final LinkedTransferQueue<Completion> inbox = new LinkedTransferQueue<>();
    private final Assignments assignments;
    private final OutcomeWriter writer;
    private final OutcomeRecords records;
    private final Lease lease;
    private final PollerMetrics metrics;
    private final Clock clock;
    private final Ticker ticker;
    private int collected;
    private long collectedOctets;
    private long oldestNanos;
    private long renewedNanos;

    /** Dots sent before the batch that is committed now was taken. */
    private long sentBefore;

    public CommitCycle(
            Assignments assignments,
            OutcomeWriter writer,
            OutcomeRecords records,
            Lease lease,
            PollerMetrics metrics,
            Clock clock,
            Ticker ticker) {
        this.assignments = assignments;
        this.writer = writer;
        this.records = records;
        this.lease = lease;
        this.metrics = metrics;
        this.clock = clock;
        this.ticker = ticker;
        this.renewedNanos = ticker.nanoTime();
    }

    @Override
    public void complete(Completion completion) {
        inbox.add(completion);
    }

    /** Waits at most so long for a first completion, then takes all that are there. */
    public void collect(long waitMillis) {
        Completion next = waitMillis > 0 ? await(waitMillis) : inbox.poll();
        while (next != null) {
            take(next);
            next = collectedOctets < BATCH_OCTETS_LIMIT ? inbox.poll() : null;
        }
    }

    /** A record that nobody can read is finished by keeping it for operators. */
    public void reject(OwnedPartition partition, ConsumerRecord<byte[], byte[]> record, String why) {
        metrics.rejected.inc();
        partition.ledger().open(record.offset());
        finish(partition, record.offset(), records.reject(record, why, clock.millis()));
    }

    /**
     * A record that only a newer node knows all of is finished by putting it off as it is.
     *
     * @param known what this node knows of it
     */
    public void putOff(OwnedPartition partition, ConsumerRecord<byte[], byte[]> record, Delivery known, String why) {
        metrics.newer.inc();
        partition.ledger().open(record.offset());
        finish(partition, record.offset(), records.putOff(record, known, why, clock.millis()));
    }

    /** Mail that may not be sent yet is finished by putting it off; false when it may. */
    public boolean putOffHeld(OwnedPartition partition, ConsumerRecord<byte[], byte[]> record, Delivery delivery) {
        long now = clock.millis();
        if (!FutureRelease.isHeld(delivery.getEnvelope(), now)) {
            return false;
        }
        partition.ledger().open(record.offset());
        finish(partition, record.offset(), records.putOffHeld(record, delivery, now));
        return true;
    }

    private void finish(OwnedPartition partition, long offset, List<ProducerRecord<byte[], byte[]>> caused) {
        if (collected++ == 0) {
            oldestNanos = ticker.nanoTime();
        }
        for (ProducerRecord<byte[], byte[]> record : caused) {
            collectedOctets += record.value() == null ? 0 : record.value().length;
        }
        partition.finish(offset, caused);
    }

    /** Commits what is due, or goes on with what is pending; blocks for one commit at most. */
    public void commitIfDue() {
        long now = ticker.nanoTime();
        boolean outcomesDue = collected > 0 && now - oldestNanos >= INTERVAL_NANOS;
        boolean full = collectedOctets >= BATCH_OCTETS_LIMIT;
        if (writer.isPending() || outcomesDue || full || isRenewalDue(now)) {
            commit();
        }
        metrics.openRecords.set((double) assignments.sum(OwnedPartition::started));
        metrics.commitAge.set((now - renewedNanos) / 1e9);
    }

    /** Commits what there is, due or not. */
    void commit() {
        if (writer.isPending()) {
            settle(writer.proceed());
        }
        if (!writer.isPending()) {
            OutcomeBatch batch = nextBatch();
            if (!batch.isEmpty()) {
                settle(writer.write(batch));
            }
        }
    }

    /** Outcomes that are not known to be committed, and completions not yet looked at. */
    public boolean hasUncommitted() {
        return collected > 0 || writer.pendingOutcomes() > 0 || !inbox.isEmpty();
    }

    /** Outcomes of these partitions that are not known to be committed. */
    public boolean hasUncommitted(Collection<TopicPartition> partitions) {
        return writer.isPending(partitions)
                || !assignments
                        .where(owned -> partitions.contains(owned.partition) && owned.hasRows())
                        .isEmpty();
    }

    private boolean isRenewalDue(long now) {
        boolean prepared = assignments.all().stream().anyMatch(OwnedPartition::isPrepared);
        return prepared && (now - renewedNanos >= RENEWAL_NANOS || !lease.isHeld(now));
    }

    private OutcomeBatch nextBatch() {
        List<OwnedPartition> news = assignments.where(OwnedPartition::hasNews);
        List<OwnedPartition> prepared = news.isEmpty() ? assignments.where(OwnedPartition::isPrepared) : news;
        List<OwnedPartition> shared =
                news.isEmpty() ? prepared.stream().limit(1).toList() : news;
        collected = 0;
        collectedOctets = 0;
        sentBefore = lease.sent();
        return new OutcomeBatch(shared.stream()
                .map(partition -> partition.share(metrics.ledgerOverflow::inc))
                .toList());
    }

    private void settle(OutcomeWriter.Progress progress) {
        if (progress == OutcomeWriter.Progress.COMMITTED) {
            renewedNanos = writer.begunNanos();
            long now = ticker.nanoTime();
            lease.renew(renewedNanos, now, sentBefore);
            metrics.commit.observe((now - renewedNanos) / 1e9);
        }
    }

    private void take(Completion completion) {
        OwnedPartition partition = assignments.of(completion.delivery());
        if (partition == null) {
            metrics.dropped.inc();
            return;
        }
        partition.cameBack(completion.delivery());
        if (completion.isGivenBack()) {
            return;
        }
        metrics.count(completion.outcomes());
        try {
            finish(partition, completion.delivery().offset(), records.of(completion, clock.millis()));
        } catch (RuntimeException e) {
            // Nothing is known to throw here. Left unfinished, it is delivered again by the next owner rather than
            // lost.
            LOG.atError()
                    .addKeyValue("partition", completion.delivery().partition())
                    .addKeyValue("offset", completion.delivery().offset())
                    .setCause(e)
                    .log("an outcome could not be turned into records; its mail stays unfinished");
        }
    }

    private @org.jspecify.annotations.Nullable Completion await(long millis) {
        try {
            return inbox.poll(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
