package org.postroad.deliverer.retry;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.commit.MissingOffsetException;
import org.postroad.deliverer.commit.OutcomeBatch;
import org.postroad.deliverer.commit.OutcomeWriter;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.Topics;
import org.postroad.schemas.policy.Job;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Releases waiting mail when it is due: to be routed afresh, or to its next tier.
 *
 * <p>Each partition is in due order, so only its head is waited for: the consumer pauses there, and a poll ends when the next head
 * of any is due. Confined to one thread; records are copied as they are, since only their due time matters here.
 */
public final class RetryReader implements Runnable, ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(RetryReader.class);

    private static final long LONGEST_POLL_MILLIS = 100;
    private static final long POLL_WHILE_UNCOMMITTED_MILLIS = 10;
    private static final int BATCH_ROWS = 2_000;
    private static final Duration ENDS_LIMIT = Duration.ofSeconds(1);
    private static final Duration COMMITTED_LIMIT = Duration.ofMillis(200);

    /** So long another node may have heard of a job that this one has not, and no fault. */
    private static final long JOBS_UNHEARD_NANOS = 5_000_000_000L;

    private static final Duration LAST_COMMIT_LIMIT = Duration.ofSeconds(5);

    private final Consumer<byte[], byte[]> consumer;
    private final OutcomeWriter writer;
    private final Topics topics;
    private final MailReader mails;
    private final EarlyScan early;
    private final JobScan jobs;
    private final DueHeads heads;
    private final Ticker ticker;
    private final Map<TopicPartition, WaitingPartition> owned = new LinkedHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private boolean unanswered;
    private long lastAssignment;
    private long assignedNanos;

    /**
     * @param consumer the member of the group, which waits at the heads
     * @param early looks for mail whose destination has recovered, in this one's thread and transactions as all that follow
     * @param jobs does what operators want done with waiting mail
     * @param heads says what is due; it asks the two before
     */
    public RetryReader(
            Consumer<byte[], byte[]> consumer,
            Function<Duration, Producer<byte[], byte[]>> producers,
            Topics topics,
            MailReader mails,
            EarlyScan early,
            JobScan jobs,
            DueHeads heads,
            Ticker ticker) {
        this.consumer = consumer;
        this.writer = new OutcomeWriter(producers, consumer, consumer::groupMetadata, this::isCurrent, ticker);
        this.topics = topics;
        this.mails = mails;
        this.early = early;
        this.jobs = jobs;
        this.heads = heads;
        this.ticker = ticker;
    }

    /** Returns after {@link #close}. */
    @Override
    public void run() {
        begin();
        try {
            while (closing.getCount() > 0) {
                turn();
            }
            long begun = ticker.nanoTime();
            while (writer.isPending() && ticker.nanoTime() - begun < LAST_COMMIT_LIMIT.toNanos()) {
                turn();
            }
        } catch (InvalidOffsetException e) {
            throw new MissingOffsetException(e.partitions());
        }
    }

    /** Joins its group. */
    public void begin() {
        consumer.subscribe(TierName.every(topics), this);
        // Long before the first mail is due: a predecessor's open transaction ends, and a right that is missing shows.
        writer.proceed();
    }

    /** Asks it to finish its commit and return; from any thread. */
    public void close() {
        closing.countDown();
    }

    /** A destination takes mail again; from any thread. */
    public void recovered(RecoveryNotice notice) {
        early.hear(notice);
    }

    /** An operator wants something done; from any thread. */
    public void heard(Job job) {
        jobs.hear(job);
    }

    /** Something does not stand on the control topic any more; from any thread. */
    public void takenBack(String key) {
        if (key.startsWith(Job.ASPECT + ":")) {
            jobs.hearGone(key.substring(Job.ASPECT.length() + 1));
        }
    }

    public void closeWriter() {
        writer.close();
    }

    /** One round of its work; it waits for records and for the next head that is due. */
    public void turn() {
        for (WaitingPartition waiting : owned.values()) {
            if (waiting.takeToBePassed()) {
                consumer.seek(waiting.partition, waiting.mark());
            }
        }
        try {
            read(consumer.poll(Duration.ofMillis(untilNextDue())));
        } catch (NoOffsetForPartitionException e) {
            startUnused(e.partitions());
        }
        jobs.listen();
        prepareAssigned();
        if (writer.isPending()) {
            writer.proceed();
        } else {
            release();
        }
        pauseWhereMailWaits();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            Duration tier = TierName.delay(topics, partition); // none for held mail, which waits for an operator
            owned.put(partition, new WaitingPartition(partition, ++lastAssignment, tier));
        }
        assignedNanos = ticker.nanoTime();
        // Nothing is taken before it is known what has left already; see prepareAssigned.
        consumer.pause(partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        if (writer.isPending()) {
            writer.proceed();
        }
        forget(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        forget(partitions);
    }

    private void forget(Collection<TopicPartition> partitions) {
        early.left(partitions);
        jobs.left(partitions);
        partitions.forEach(owned::remove);
    }

    /** Reads what the group committed for new partitions; what is not answered in time is asked again at the next turn. */
    private void prepareAssigned() {
        Set<TopicPartition> fresh = owned.values().stream()
                .filter(waiting -> !waiting.isPrepared())
                .map(waiting -> waiting.partition)
                .collect(Collectors.toSet());
        Map<String, List<String>> unknown = new HashMap<>();
        try {
            Map<TopicPartition, OffsetAndMetadata> committed =
                    fresh.isEmpty() ? Map.of() : consumer.committed(fresh, COMMITTED_LIMIT);
            for (TopicPartition partition : fresh) {
                WaitingPartition waiting = Objects.requireNonNull(owned.get(partition));
                OffsetAndMetadata found = committed.get(partition);
                if (found != null || waiting.isUnclaimed()) {
                    prepare(waiting, found == null ? new OffsetAndMetadata(0) : found, unknown);
                }
            }
            unanswered = false;
        } catch (TimeoutException e) {
            if (!unanswered) {
                LOG.atWarn().addKeyValue("partitions", fresh).setCause(e).log("committed offsets are not known yet");
            }
            unanswered = true;
            return;
        }
        if (unknown.isEmpty() || ticker.nanoTime() - assignedNanos >= JOBS_UNHEARD_NANOS) {
            boolean unusedSinceItSaysSo = jobs.stopped.are(unknown);
        }
    }

    private void prepare(WaitingPartition waiting, OffsetAndMetadata committed, Map<String, List<String>> unknownJobs) {
        AlreadyLeft left = AlreadyLeft.of(committed.offset(), committed.metadata(), jobs::known);
        List<String> unknown = left.unknownJobs(committed.offset());
        if (unknown.isEmpty()) {
            waiting.prepare(committed.offset(), left);
            early.prepared(waiting);
        } else {
            unknownJobs.put(waiting.partition.toString(), unknown);
        }
    }

    private boolean isCurrent(OutcomeBatch.Share share) {
        WaitingPartition found = owned.get(share.partition());
        return found != null && found.assignment == share.assignment();
    }

    private void read(ConsumerRecords<byte[], byte[]> polled) {
        for (TopicPartition partition : polled.partitions()) {
            OffsetAndMetadata next = Objects.requireNonNull(polled.nextOffsets().get(partition));
            Objects.requireNonNull(owned.get(partition)).add(polled.records(partition), next.offset(), mails);
        }
    }

    /**
     * A tier that is made while readers run has no offset, since nobody can commit for a group at work. Where nothing was ever written
     * there is only one place to start; elsewhere any place would release mail again or not at all. Held mail waits for an operator
     * anyway, so it stops nobody: it stays where it is.
     */
    private void startUnused(Set<TopicPartition> withoutOffset) {
        Set<TopicPartition> partitions = new HashSet<>(withoutOffset);
        Map<TopicPartition, Long> ends;
        try {
            ends = consumer.endOffsets(partitions, ENDS_LIMIT);
        } catch (TimeoutException e) {
            LOG.atWarn().addKeyValue("partitions", partitions).setCause(e).log("not known yet whether they were used");
            return;
        }
        for (TopicPartition partition : withoutOffset) {
            WaitingPartition waiting = owned.get(partition);
            boolean used = !Long.valueOf(0).equals(ends.get(partition));
            if (waiting == null || used && waiting.isHeld()) {
                consumer.seek(partition, 0);
                partitions.remove(partition);
                owned.remove(partition);
                LOG.atError()
                        .addKeyValue("partition", partition)
                        .log("held mail cannot be released: nobody knows what was, since its group has no offset");
            }
        }
        if (partitions.stream().anyMatch(partition -> !Long.valueOf(0).equals(ends.get(partition)))) {
            throw new MissingOffsetException(partitions);
        }
        for (TopicPartition partition : partitions) {
            consumer.seek(partition, 0);
            Objects.requireNonNull(owned.get(partition)).unclaimed();
        }
    }

    /** Commits, in one producer transaction, everything that is due, up to a batch, and what leaves before it is. */
    private void release() {
        List<OutcomeBatch.Share> shares = new ArrayList<>();
        int rows = 0;
        EarlyScan.Found recovered = early.next(owned.values());
        EarlyScan.Found wanted = jobs.next(owned.values());
        for (WaitingPartition waiting : owned.values()) {
            List<OutcomeBatch.Row> leaving = heads.take(waiting, BATCH_ROWS - rows);
            rows += leaving.size();
            addFound(recovered, waiting, leaving);
            addFound(wanted, waiting, leaving);
            if (waiting.isPrepared() && (waiting.takeToBeSaid() || !leaving.isEmpty())) {
                shares.add(
                        new OutcomeBatch.Share(waiting.partition, waiting.assignment, waiting.committable(), leaving));
            }
        }
        if (!shares.isEmpty()) {
            writer.write(new OutcomeBatch(shares));
        }
    }

    private static void addFound(
            EarlyScan.@Nullable Found found, WaitingPartition waiting, List<OutcomeBatch.Row> leaving) {
        if (found != null && found.waiting() == waiting) {
            leaving.addAll(found.rows());
        }
    }

    private long untilNextDue() {
        if (writer.isPending()) {
            return POLL_WHILE_UNCOMMITTED_MILLIS;
        }
        return early.isBusy() || jobs.isBusy() ? 0 : heads.untilNextDue(owned.values(), LONGEST_POLL_MILLIS);
    }

    private void pauseWhereMailWaits() {
        Set<TopicPartition> paused = consumer.paused();
        Set<TopicPartition> toPause = new HashSet<>();
        Set<TopicPartition> toResume = new HashSet<>();
        for (WaitingPartition waiting : owned.values()) {
            boolean reads = waiting.isPrepared() && waiting.isEmpty() && !waiting.isHeld();
            if (reads == paused.contains(waiting.partition)) {
                (reads ? toResume : toPause).add(waiting.partition);
            }
        }
        consumer.pause(toPause);
        consumer.resume(toResume);
    }
}
