package org.postroad.deliverer.commit;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits one batch after another, each in a producer transaction that is open for milliseconds, and gives none up.
 *
 * <p>What follows a failure depends on where it happened:
 *
 * <pre>
 *   STARTING --init--> (ASKING --committed()-->) READY --begin, send, offsets--> COMMITTING --commit--> READY
 *      ^                                           ^  \                            |   |   ^
 *      |                                           |   `--any error--> ABORTING <--'   `---' timed out: repeat the commit
 *      |                                           `----abort---------'  |
 *      `------------ fenced, epoch invalid, or an abort refused -------'
 * </pre>
 *
 * A call that timed out is still under way in the producer, so it is repeated and so waited for, up to the transaction's limit; past
 * that, Kafka is slower than this producer allows, and a new one gets twice as long. A commit that timed out may have happened, so it is
 * never aborted; should the repetition fail otherwise, it is in doubt. After a fatal error, too, nobody knows whether the
 * batch was written: a new producer ends the old one's transaction, and then the committed offsets tell. The textbook's way
 * out, seeking back to the last commit, would deliver again what was delivered, so it is never taken.
 *
 * <p>It gives up only where Kafka refuses it: at once before anything was delivered, and when a right was withdrawn later, after
 * {@link #REFUSED_LIMIT}, since what is given up then is delivered again by the next owner.
 *
 * <p>Confined to its consumer's thread. Every call of the producer is bounded by {@code max.block.ms}; whoever calls comes
 * back to {@link #proceed} between two polls.
 */
public final class OutcomeWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutcomeWriter.class);

    /** Shorter than the lease's life by half: asking must not keep the poller from polling. */
    private static final Duration ASK_LIMIT = Duration.ofSeconds(1);

    /** A first failure is mostly over at once; what fails on and on (no permission, say) is not worth a producer every 5 ms. */
    private static final long FIRST_PAUSE_NANOS = 10_000_000L;

    private static final long LONGEST_PAUSE_NANOS = 1_000_000_000L;

    /** Time for an operator to put a right back that was taken away by mistake; the lease has long ended by then. */
    static final Duration REFUSED_LIMIT = Duration.ofSeconds(30);

    private final Function<Duration, Producer<byte[], byte[]>> producers;
    private final Consumer<byte[], byte[]> consumer;
    private final Supplier<ConsumerGroupMetadata> group;
    private final Predicate<OutcomeBatch.Share> owned;
    private final Ticker ticker;
    private @Nullable Producer<byte[], byte[]> producer;
    private @Nullable OutcomeBatch pending;
    private Stage stage = Stage.STARTING;
    private Duration limit = ClientSettings.TRANSACTION_LIMIT;
    private boolean limitIsHighest;
    private boolean fitsNoMore;
    private long startedNanos;
    private long begunNanos;
    private boolean commitUnanswered;
    private boolean inDoubt;
    private int failures;
    private long pausedUntilNanos;
    private boolean everCommitted;
    private boolean refused;
    private long refusedNanos;
    private boolean gaveUp;

    private enum Stage {
        STARTING,
        ASKING,
        READY,
        COMMITTING,
        ABORTING
    }

    /** What came of the batch. */
    public enum Progress {
        /** All of what is still ours was committed now. */
        COMMITTED,
        /** Nothing was left to commit: every partition of it is gone, or an earlier try had written it after all. */
        NOTHING,
        /** Not yet; call again after the next poll. */
        WAITING
    }

    /**
     * @param producers makes a transactional producer for transactions of at most that length, always with the same transactional id
     * @param consumer asked for what the group committed
     * @param group the member and generation under which offsets are committed now
     * @param owned whether a share's assignment is still this node's
     */
    public OutcomeWriter(
            Function<Duration, Producer<byte[], byte[]>> producers,
            Consumer<byte[], byte[]> consumer,
            Supplier<ConsumerGroupMetadata> group,
            Predicate<OutcomeBatch.Share> owned,
            Ticker ticker) {
        this.producers = producers;
        this.consumer = consumer;
        this.group = group;
        this.owned = owned;
        this.ticker = ticker;
        this.startedNanos = ticker.nanoTime();
    }

    public boolean isPending() {
        return pending != null;
    }

    /** Whether outcomes of any of these partitions are pending. */
    boolean isPending(Collection<TopicPartition> partitions) {
        return pending != null && pending.shares().stream().anyMatch(share -> partitions.contains(share.partition()));
    }

    /** Outcomes handed over and not known to be committed. */
    public int pendingOutcomes() {
        return pending == null ? 0 : pending.outcomes();
    }

    /** {@link Ticker#nanoTime} when the last transaction began: what it proves, it proves of that moment. */
    public long begunNanos() {
        return begunNanos;
    }

    /** Takes over the next batch, when none is pending, and tries to commit it. */
    public Progress write(OutcomeBatch batch) {
        if (pending != null) {
            throw new IllegalStateException("a batch is pending");
        }
        if (gaveUp) {
            return Progress.NOTHING; // its role ends; the next owner delivers again what this node cannot write
        }
        pending = batch;
        return proceed();
    }

    /**
     * Goes on with what is pending, or with starting the producer.
     *
     * @throws RuntimeException once, with the refusal among its causes, when it gives up because Kafka does not allow it
     */
    public Progress proceed() {
        if (gaveUp) {
            return Progress.NOTHING;
        }
        if (failures > 0 && ticker.nanoTime() - pausedUntilNanos < 0) {
            return Progress.WAITING;
        }
        Progress progress = Progress.NOTHING;
        while (stage != Stage.READY || pending != null) {
            try {
                progress = step() ? Progress.COMMITTED : Progress.NOTHING;
                failures = progress == Progress.COMMITTED ? 0 : failures;
            } catch (RuntimeException e) {
                if (!isUnderWay(e)) {
                    failed(stage, e);
                    giveUpWhereRefused(e);
                    pause();
                }
                return Progress.WAITING;
            }
        }
        return progress;
    }

    private void giveUpWhereRefused(RuntimeException e) {
        if (Refusal.in(e) == null) {
            return;
        }
        long now = ticker.nanoTime();
        if (!refused) {
            refused = true;
            refusedNanos = now;
        }
        if (!everCommitted || now - refusedNanos >= REFUSED_LIMIT.toNanos()) {
            gaveUp = true;
            pending = null;
            throw e;
        }
    }

    private void pause() {
        long pause = FIRST_PAUSE_NANOS << Math.min(failures, 10) >> 1;
        pausedUntilNanos = ticker.nanoTime() + (failures == 0 ? 0 : Math.min(LONGEST_PAUSE_NANOS, pause));
        failures++;
    }

    /** One stage; true when it was a commit. */
    private boolean step() {
        switch (stage) {
            case STARTING -> {
                producer().initTransactions();
                stage = inDoubt ? Stage.ASKING : Stage.READY;
            }
            case ASKING -> {
                dropWritten();
                inDoubt = false;
                stage = Stage.READY;
            }
            case READY -> begin();
            case COMMITTING -> {
                producer().commitTransaction();
                stage = Stage.READY;
                pending = null;
                everCommitted = true;
                refused = false;
                fitLimit(ticker.nanoTime() - begunNanos);
                return true;
            }
            case ABORTING -> {
                producer().abortTransaction();
                stage = Stage.READY;
            }
        }
        return false;
    }

    private void dropWritten() {
        OutcomeBatch ours = ours();
        if (ours != null) {
            Set<TopicPartition> partitions =
                    ours.shares().stream().map(OutcomeBatch.Share::partition).collect(Collectors.toSet());
            OutcomeBatch left = ours.withoutWritten(consumer.committed(partitions, ASK_LIMIT));
            LOG.atWarn()
                    .addKeyValue("written", ours.outcomes() - left.outcomes())
                    .addKeyValue("unwritten", left.outcomes())
                    .log("asked which outcomes of a commit in doubt were written");
            pending = left.isEmpty() ? null : left;
        }
    }

    private void begin() {
        OutcomeBatch ours = ours();
        if (ours == null) {
            return;
        }
        if (fitsNoMore) {
            startAgain();
            return;
        }
        begunNanos = ticker.nanoTime();
        commitUnanswered = false;
        producer().beginTransaction();
        for (OutcomeBatch.Share share : ours.shares()) {
            for (OutcomeBatch.Row row : share.rows()) {
                for (ProducerRecord<byte[], byte[]> record : row.records()) {
                    // What goes wrong here comes out of the commit: it waits for every record.
                    var unused = producer().send(record);
                }
            }
        }
        handOverOffsets(ours);
        stage = Stage.COMMITTING;
    }

    /** Longer before it would not suffice; the first again in quick times, since for so long a killed node holds back readers. */
    private void fitLimit(long tookNanos) {
        Duration before = limit;
        if (tookNanos > limit.toNanos() / 2 && !limitIsHighest) {
            limit = ClientSettings.longer(limit);
        } else if (tookNanos < ClientSettings.TRANSACTION_LIMIT.toNanos() / 2) {
            limit = ClientSettings.TRANSACTION_LIMIT;
        }
        fitsNoMore = !limit.equals(before);
    }

    /** With nothing under way and nothing in doubt. */
    private void startAgain() {
        fitsNoMore = false;
        close();
        producer = null;
        stage = Stage.STARTING;
        startedNanos = ticker.nanoTime();
    }

    /**
     * An answer that is late is not waited for here: the request stays with the producer, which sends the end of a transaction after all
     * else in it was answered, and fails the commit if any of that was refused. So the wait goes on in the commit, which
     * may be repeated; aborting instead would let no transaction through for as long as Kafka is slow.
     */
    private void handOverOffsets(OutcomeBatch ours) {
        try {
            producer().sendOffsetsToTransaction(ours.offsets(), group.get());
        } catch (TimeoutException e) {
            LOG.atDebug().setCause(e).log("the offsets are not answered yet; the commit waits for them");
        }
    }

    /** What of the pending batch belongs to partitions that are still this node's. */
    private @Nullable OutcomeBatch ours() {
        if (pending != null) {
            OutcomeBatch kept = pending.keep(owned);
            pending = kept.isEmpty() ? null : kept;
        }
        return pending;
    }

    /** Whether Kafka is only slow: the producer still waits for the same answer, and so do we. */
    private boolean isUnderWay(RuntimeException e) {
        boolean waits = e instanceof TimeoutException
                && (stage == Stage.STARTING || stage == Stage.COMMITTING || stage == Stage.ABORTING);
        if (waits && stage == Stage.COMMITTING) {
            commitUnanswered = true;
        }
        return waits && !isLate();
    }

    /** Whether Kafka is too slow for the limits of this producer, which then gives way to one with longer limits. */
    private boolean isLate() {
        long since = stage == Stage.STARTING ? startedNanos : begunNanos;
        return ticker.nanoTime() - since >= limit.toNanos();
    }

    private void failed(Stage where, RuntimeException e) {
        if (where == Stage.STARTING && e instanceof InvalidTxnTimeoutException) {
            limit = ClientSettings.TRANSACTION_LIMIT;
            limitIsHighest = true;
        } else if (where != Stage.ASKING && isLate() && !limitIsHighest) {
            limit = ClientSettings.longer(limit);
        }
        switch (where) {
            case STARTING, ABORTING -> replaceProducer();
            case ASKING -> {} // The consumer's trouble, not the producer's: ask again.
            case READY -> abortOrReplace(e);
            case COMMITTING -> {
                if (commitUnanswered) {
                    // It may have happened before the error did: only a new producer may ask.
                    replaceProducer();
                } else {
                    abortOrReplace(e);
                }
            }
        }
        if (Refusal.in(e) != null && (refused || !everCommitted)) {
            return; // said when it began, or by the end of the role
        }
        LOG.atWarn()
                .addKeyValue("at", where)
                .addKeyValue("next", stage)
                .addKeyValue("why", e.toString())
                .log("not committed yet");
    }

    private void abortOrReplace(RuntimeException e) {
        boolean fatal = e instanceof ProducerFencedException
                || e instanceof InvalidProducerEpochException
                || e instanceof OutOfOrderSequenceException
                || e instanceof AuthorizationException
                || e instanceof UnsupportedVersionException;
        if (fatal) {
            replaceProducer();
        } else {
            stage = Stage.ABORTING;
        }
    }

    private void replaceProducer() {
        fitsNoMore = false;
        close();
        producer = null;
        inDoubt |= stage != Stage.STARTING;
        stage = Stage.STARTING;
        startedNanos = ticker.nanoTime();
    }

    private Producer<byte[], byte[]> producer() {
        if (producer == null) {
            producer = producers.apply(limit);
        }
        return producer;
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(Duration.ZERO);
        }
    }
}
