package org.postroad.ingress.quota;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.postroad.ingress.quota.UsedQuotas.Judged;
import org.postroad.schemas.FollowedRecords;
import org.postroad.schemas.FollowedTurns;
import org.postroad.schemas.QuotaBalance;
import org.postroad.schemas.QuotaCount;
import org.postroad.schemas.QuotaEntry;
import org.postroad.schemas.UnreachableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the quotas topic and tells its node what became of the claims that it appended.
 *
 * <p>It begins with the last balance that a node wrote, looked for from the end, so a start reads little however much the topic holds; and
 * writes one itself when many records have come since. Every node would write the same, so it does not matter which does, nor whether
 * two do.
 *
 * <p>Confined to one thread, but for {@link #close}.
 */
final class QuotaReader implements Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QuotaReader.class);

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration SHORT_PATIENCE = Duration.ofSeconds(5);

    /** Where it looks for a balance first: some 10 MB, read in a second. */
    private static final long FIRST_LOOK = 40_000;

    /** What the reader tells, on its own thread. */
    interface Listener {
        /** Claims of one record of this node's, once: of what is read anew nothing is said, and who waits for it has no answer. */
        void judged(List<Judged> own);

        /** Anybody gave something back. */
        void returned(List<QuotaCount> counts);

        /** So many counts there are. */
        void counted(int counts);
    }

    /** Writes a balance, in parts. */
    interface BalanceWriter {
        void write(List<QuotaBalance> parts);
    }

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final FollowedRecords<QuotaEntry> records;
    private final String node;
    private final BalanceWriter writer;
    private final Listener listener;
    private final LongSupplier nanoTime;
    private final long balanceEvery;
    private final FollowedTurns turns;

    private UsedQuotas used = new UsedQuotas();
    private Balances balances = new Balances();
    private long next;
    private long balancedTo;
    private long answersFrom;
    private boolean hasPlace;

    /**
     * One that has not begun.
     *
     * @param consumer without a group; the reader closes it when it ends
     * @param balanceEvery records after which a balance is due; another for each node, so that one comes before the others
     * @param nanoTime as {@link System#nanoTime}
     */
    QuotaReader(
            Consumer<byte[], byte[]> consumer,
            TopicPartition partition,
            FollowedRecords<QuotaEntry> records,
            String node,
            long balanceEvery,
            BalanceWriter writer,
            Listener listener,
            LongSupplier nanoTime) {
        this.consumer = consumer;
        this.turns = new FollowedTurns(consumer, "quotas cannot be followed: clients who have one hear 451");
        this.partition = partition;
        this.records = records;
        this.node = node;
        this.balanceEvery = balanceEvery;
        this.writer = writer;
        this.listener = listener;
        this.nanoTime = nanoTime;
    }

    /**
     * Comes to know all that is used, before the node takes mail, or all before the first record that only a newer node can read; blocks,
     * at most some 20 s.
     *
     * @throws UnreachableException if that cannot be had
     */
    void begin() {
        long deadline = nanoTime.getAsLong() + PATIENCE.toNanos();
        try {
            findPlace(PATIENCE);
            while (next < answersFrom) {
                keepWithin(deadline);
                turn();
            }
        } catch (FollowedRecords.NewerWriterException e) {
            turns.say(e);
            seekNext();
        } catch (KafkaException e) {
            consumer.close();
            throw new UnreachableException("cannot read " + partition.topic() + ": " + e.getMessage(), e);
        }
    }

    /** Begins with the last balance, whatever was read before. */
    private void findPlace(Duration patience) {
        long deadline = nanoTime.getAsLong() + patience.toNanos();
        consumer.assign(List.of(partition));
        long first = consumer.beginningOffsets(List.of(partition), patience).getOrDefault(partition, 0L);
        long end = consumer.endOffsets(List.of(partition), patience).getOrDefault(partition, 0L);
        List<QuotaBalance> found = lastBalance(first, end, deadline);
        used = new UsedQuotas();
        balances = new Balances();
        used.begin(found);
        balancedTo = found.isEmpty() ? first : found.get(0).getUpTo();
        next = Math.max(first, balancedTo); // what is older than the longest window counts no more
        answersFrom = end;
        consumer.seek(partition, next);
        hasPlace = true;
    }

    /** Looked for from the end on, ever further back; none when there is none. */
    private List<QuotaBalance> lastBalance(long first, long end, long deadline) {
        long back = FIRST_LOOK;
        while (true) {
            long from = Math.max(first, end - back);
            List<QuotaBalance> last = lastBalanceFrom(from, end, deadline);
            if (!last.isEmpty() || from == first) {
                return last;
            }
            back *= 4;
        }
    }

    private List<QuotaBalance> lastBalanceFrom(long from, long end, long deadline) {
        Balances seen = new Balances();
        List<QuotaBalance> last = List.of();
        consumer.seek(partition, from);
        while (consumer.position(partition, SHORT_PATIENCE) < end) {
            keepWithin(deadline);
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                QuotaEntry entry = records.readIfKnown(record);
                List<QuotaBalance> whole = entry == null || entry.getBalance() == null
                        ? null
                        : seen.take(entry.getNode(), entry.getBalance());
                last = whole == null ? last : whole;
            }
        }
        return last;
    }

    private void keepWithin(long deadline) {
        if (nanoTime.getAsLong() - deadline > 0) {
            throw new TimeoutException("no end of " + partition.topic());
        }
    }

    /** Follows the topic; returns after {@link #close}. */
    @Override
    public void run() {
        turns.take(this::turnAndBalance, this::seekNext);
    }

    private void turnAndBalance() {
        turn();
        balanceIfDue();
    }

    /** What was polled and not taken comes again. */
    private void seekNext() {
        consumer.seek(partition, next);
    }

    @Override
    public void close() {
        turns.close();
    }

    /** Takes what has come; waits for it, at most a tenth of a second. */
    private void turn() {
        if (!hasPlace) {
            findPlace(SHORT_PATIENCE);
        }
        try {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                take(record);
                next = record.offset() + 1;
            }
        } catch (InvalidOffsetException e) {
            LOG.atWarn().setCause(e).log("the quotas topic is not what it was; it is read anew");
            hasPlace = false;
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        QuotaEntry entry = records.read(record);
        if (entry == null) {
            return;
        }
        List<Judged> judged = used.apply(entry, record.timestamp());
        if (entry.getBalance() != null) {
            List<QuotaBalance> whole = balances.take(entry.getNode(), entry.getBalance());
            balancedTo = whole == null
                    ? balancedTo
                    : Math.max(balancedTo, whole.get(0).getUpTo());
        }
        try {
            tell(entry, record.offset() < answersFrom ? List.of() : judged);
        } catch (RuntimeException fault) {
            LOG.atError().addKeyValue("offset", record.offset()).setCause(fault).log("unforeseen exception");
        }
    }

    private void tell(QuotaEntry entry, List<Judged> judged) {
        if (!judged.isEmpty() && entry.getNode().equals(node)) {
            listener.judged(judged);
        }
        if (!entry.getReturned().isEmpty()) {
            listener.returned(entry.getReturned());
        }
    }

    /** A large balance is written less often. */
    private void balanceIfDue() {
        listener.counted(used.size());
        if (next - balancedTo >= balanceEvery + used.size() / 4) {
            balancedTo = next; // whether it is kept or not, for this time
            writer.write(new ArrayList<>(Balances.of(used, next)));
        }
    }
}
