package org.postroad.deliverer.commit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.delivery.OpenDelivery;

/**
 * One outbound partition under one assignment to this node: its ledger, what of it is open, and outcomes not yet in a batch.
 *
 * <p>Confined to the poller's thread.
 */
public final class OwnedPartition {
    /** With one poll's records on top, what is open still fits the metadata of a commit, however many were finished between. */
    static final int OPEN_LIMIT = 1_500;

    /**
     * How much of the log the slowest mail may keep from being trimmed. An exchanger may take ten minutes to answer a dot (RFC 5321
     * section 4.5.3.2.6), so a limit that a busy partition reaches in less lets any one recipient's host stop all others. It costs
     * no reading after a restart: see {@link OffsetLedger#nextWanted}.
     */
    public static final long SPAN_LIMIT = 5_000_000;

    public final TopicPartition partition;
    public final long assignment;
    private @Nullable OffsetLedger ledger;
    private final Pressure pressure = new Pressure();
    private final Pressure spanPressure = new Pressure();
    private List<OutcomeBatch.Row> rows = new ArrayList<>();
    private int started;
    private long startedOctets;
    private long finished;
    private FinishedOffsets shared = FinishedOffsets.below(-1);
    private @Nullable Block block;
    private boolean leaving;

    /** A record whose schema has to be learned before the partition moves on. */
    public record Block(long offset, Future<?> lesson, long untilNanos) {}

    OwnedPartition(TopicPartition partition, long assignment) {
        this.partition = partition;
        this.assignment = assignment;
    }

    /** What the group had committed is known; only from now on may records be taken. */
    public void prepare(FinishedOffsets committed) {
        ledger = new OffsetLedger(committed);
        shared = committed;
    }

    public boolean isPrepared() {
        return ledger != null;
    }

    /** Nothing more of it is taken. */
    public void leave() {
        leaving = true;
    }

    public boolean isLeaving() {
        return leaving;
    }

    public boolean isRead() {
        return isPrepared() && !leaving;
    }

    public OffsetLedger ledger() {
        if (ledger == null) {
            throw new IllegalStateException(partition + " is not prepared");
        }
        return ledger;
    }

    public void started(OpenDelivery delivery) {
        ledger().open(delivery.offset());
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
    public int started() {
        return started;
    }

    public long startedOctets() {
        return startedOctets;
    }

    public long finished() {
        return finished;
    }

    /** Never with nothing under way: only something that comes back could end it. */
    public boolean isFull() {
        return started > 0 && isAtLimit();
    }

    private boolean isAtLimit() {
        return started >= OPEN_LIMIT || ledger().span() >= SPAN_LIMIT || !fits(ledger().openCount());
    }

    /** Whether what is open is near the limit and will not drain soon. */
    public boolean needsRelief(long nowNanos) {
        if (!isPrepared()) {
            return false;
        }
        boolean tight = started * 4L >= OPEN_LIMIT * 3L || !fits(ledger().openCount() * 4 / 3);
        // Mail that waits in a backlog may pin the mark, however fast the rest leaves: so its pace says nothing.
        boolean spanTight = ledger().span() * 4 >= SPAN_LIMIT * 3;
        boolean lasting = pressure.isLasting(nowNanos, tight, started, finished);
        return spanPressure.isLasting(nowNanos, spanTight, Long.MAX_VALUE, 0) || lasting;
    }

    /** Whether so many open records, and those of one more poll, can be told in a commit. */
    private boolean fits(int open) {
        return LedgerCodec.surelyFits(
                open + ClientSettings.POLL_RECORDS, ledger().span() + ClientSettings.POLL_RECORDS);
    }

    /** The wait for a lease says nothing about destinations. */
    public void forgetPressure() {
        pressure.forget();
        spanPressure.forget();
    }

    public void block(Block why) {
        block = why;
    }

    @Nullable
    public Block block() {
        return block;
    }

    public boolean isBlocked(long nowNanos) {
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
