package org.postroad.deliverer.poll;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.work.OpenDelivery;

/**
 * One outbound partition under one assignment to this node: its ledger, what of it is open, and outcomes not yet in a batch.
 *
 * <p>Confined to the poller's thread.
 */
final class OwnedPartition {
    /** With one poll's records on top (500), what is open still fits the metadata of a commit. */
    static final int OPEN_LIMIT = 1_500;

    /** What a restart reads again to find the unfinished. */
    static final long SPAN_LIMIT = 50_000;

    static final long SPAN_OCTETS_LIMIT = 256L << 20;

    final TopicPartition partition;
    final long assignment;
    private @Nullable OffsetLedger ledger;
    private final Pressure pressure = new Pressure();
    private List<OutcomeBatch.Row> rows = new ArrayList<>();
    private int started;
    private long startedOctets;
    private long finished;
    private FinishedOffsets shared = FinishedOffsets.below(-1);
    private @Nullable Block block;

    /** A record whose schema has to be learned before the partition moves on. */
    record Block(long offset, Future<?> lesson, long untilNanos) {}

    OwnedPartition(TopicPartition partition, long assignment) {
        this.partition = partition;
        this.assignment = assignment;
    }

    /** What the group had committed is known; only from now on may records be taken. */
    void prepare(FinishedOffsets committed) {
        ledger = new OffsetLedger(committed);
        shared = committed;
    }

    boolean isPrepared() {
        return ledger != null;
    }

    OffsetLedger ledger() {
        if (ledger == null) {
            throw new IllegalStateException(partition + " is not prepared");
        }
        return ledger;
    }

    void started(OpenDelivery delivery) {
        ledger().open(delivery.offset(), delivery.octets());
        started++;
        startedOctets += delivery.octets();
    }

    /** A started delivery came back, finished or not. */
    void cameBack(OpenDelivery delivery) {
        started--;
        startedOctets -= delivery.octets();
    }

    void finish(long offset, List<ProducerRecord<byte[], byte[]>> records) {
        ledger().done(offset);
        finished++;
        rows.add(new OutcomeBatch.Row(offset, records));
    }

    /** Deliveries with the event loops. */
    int started() {
        return started;
    }

    long startedOctets() {
        return startedOctets;
    }

    long finished() {
        return finished;
    }

    boolean isFull() {
        return started >= OPEN_LIMIT || ledger().span() >= SPAN_LIMIT || ledger().spanOctets() >= SPAN_OCTETS_LIMIT;
    }

    /** Whether what is open is near the limit and will not drain soon. */
    boolean needsRelief(long nowNanos) {
        boolean tight = started * 4L >= OPEN_LIMIT * 3L;
        return pressure.isLasting(nowNanos, tight, started, finished);
    }

    /** The wait for a lease says nothing about destinations. */
    void forgetPressure() {
        pressure.forget();
    }

    void block(Block why) {
        block = why;
    }

    @Nullable
    Block block() {
        return block;
    }

    boolean isBlocked(long nowNanos) {
        return block != null && (!block.lesson().isDone() || nowNanos - block.untilNanos() < 0);
    }

    boolean hasRows() {
        return !rows.isEmpty();
    }

    /** Whether the mark moved since it was last given to a batch. */
    boolean hasNews() {
        return hasRows() || (ledger != null && ledger.mark() != shared.mark());
    }

    /** Hands over what is not yet in a batch, with the ledger as it stands. */
    OutcomeBatch.Share share(Runnable onOverflow) {
        shared = ledger().snapshot();
        String metadata = LedgerCodec.encode(shared);
        if (metadata == null) {
            onOverflow.run();
            metadata = "";
        }
        List<OutcomeBatch.Row> given = rows;
        rows = new ArrayList<>();
        return new OutcomeBatch.Share(partition, assignment, new OffsetAndMetadata(shared.mark(), metadata), given);
    }
}
