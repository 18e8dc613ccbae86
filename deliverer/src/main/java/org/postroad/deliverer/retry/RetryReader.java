package org.postroad.deliverer.retry;

import io.netty.util.concurrent.Ticker;
import io.prometheus.client.Counter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
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
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.commit.MissingOffsetException;
import org.postroad.deliverer.commit.OutcomeBatch;
import org.postroad.deliverer.commit.OutcomeWriter;
import org.postroad.deliverer.commit.Rejection;
import org.postroad.deliverer.commit.SchemaLessons;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.deliverer.fate.Hops;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
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
    private static final Duration LAST_COMMIT_LIMIT = Duration.ofSeconds(5);

    private final Consumer<byte[], byte[]> consumer;
    private final OutcomeWriter writer;
    private final Topics topics;
    private final Hops hops;
    private final MailReader mails;
    private final SchemaLessons lessons;
    private final Counter released;
    private final EarlyScan early;
    private final Clock clock;
    private final Ticker ticker;
    private final Map<TopicPartition, WaitingPartition> owned = new LinkedHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private long lastAssignment;

    /**
     * @param consumer the member of the group, which waits at the heads
     * @param ahead a consumer without a group, which looks for mail that may leave before it is due
     */
    public RetryReader(
            Consumer<byte[], byte[]> consumer,
            Consumer<byte[], byte[]> ahead,
            Function<Duration, Producer<byte[], byte[]>> producers,
            Topics topics,
            MailReader mails,
            SchemaLessons lessons,
            Counter released,
            Clock clock,
            Ticker ticker) {
        this.consumer = consumer;
        this.writer = new OutcomeWriter(producers, consumer, consumer::groupMetadata, this::isCurrent, ticker);
        this.topics = topics;
        this.hops = new Hops(topics.tiers());
        this.mails = mails;
        this.lessons = lessons;
        this.released = released;
        this.early = new EarlyScan(ahead, topics, hops, mails, released, clock);
        this.clock = clock;
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

    public void closeWriter() {
        writer.close();
    }

    /** One round of its work; it waits for records and for the next head that is due. */
    public void turn() {
        try {
            read(consumer.poll(Duration.ofMillis(untilNextDue())));
        } catch (NoOffsetForPartitionException e) {
            startUnused(e.partitions());
        }
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
            Duration tier = TierName.delay(topics, partition);
            if (tier == null) {
                // Held mail waits for an operator, not for a time.
                consumer.pause(Set.of(partition));
            } else {
                owned.put(partition, new WaitingPartition(partition, ++lastAssignment, tier));
                // Nothing is taken before it is known what has left already; see prepareAssigned.
                consumer.pause(Set.of(partition));
            }
        }
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
        partitions.forEach(owned::remove);
    }

    /** Reads what the group committed for new partitions; what is not answered in time is asked again at the next turn. */
    private void prepareAssigned() {
        Set<TopicPartition> fresh = owned.values().stream()
                .filter(waiting -> !waiting.isPrepared())
                .map(waiting -> waiting.partition)
                .collect(Collectors.toSet());
        if (fresh.isEmpty()) {
            return;
        }
        try {
            Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(fresh, COMMITTED_LIMIT);
            for (TopicPartition partition : fresh) {
                WaitingPartition waiting = Objects.requireNonNull(owned.get(partition));
                OffsetAndMetadata found = committed.get(partition);
                if (found != null || waiting.isUnclaimed()) {
                    waiting.prepare(found == null ? 0 : found.offset(), found == null ? null : found.metadata());
                    early.prepared(waiting);
                }
            }
        } catch (TimeoutException e) {
            LOG.atWarn().addKeyValue("partitions", fresh).setCause(e).log("committed offsets are not known yet");
        }
    }

    private boolean isCurrent(OutcomeBatch.Share share) {
        WaitingPartition found = owned.get(share.partition());
        return found != null && found.assignment == share.assignment();
    }

    private void read(ConsumerRecords<byte[], byte[]> polled) {
        for (TopicPartition partition : polled.partitions()) {
            OffsetAndMetadata next = Objects.requireNonNull(polled.nextOffsets().get(partition));
            Objects.requireNonNull(owned.get(partition)).add(polled.records(partition), next.offset());
        }
    }

    /**
     * A tier that is made while readers run has no offset, since nobody can commit for a group at work. Where nothing was ever written
     * there is only one place to start; elsewhere any place would release mail again or not at all. Held mail is not read here, so its
     * offset is nobody's concern here either: any place will do, and none is committed.
     */
    private void startUnused(Set<TopicPartition> withoutOffset) {
        Set<TopicPartition> partitions = new HashSet<>(withoutOffset);
        for (TopicPartition partition : withoutOffset) {
            if (!owned.containsKey(partition)) {
                consumer.seek(partition, 0);
                partitions.remove(partition);
            }
        }
        if (partitions.isEmpty()) {
            return;
        }
        Map<TopicPartition, Long> ends;
        try {
            ends = consumer.endOffsets(partitions, ENDS_LIMIT);
        } catch (TimeoutException e) {
            LOG.atWarn().addKeyValue("partitions", partitions).setCause(e).log("not known yet whether they were used");
            return;
        }
        if (partitions.stream().anyMatch(partition -> !Long.valueOf(0).equals(ends.get(partition)))) {
            throw new MissingOffsetException(partitions);
        }
        for (TopicPartition partition : partitions) {
            consumer.seek(partition, 0);
            Objects.requireNonNull(owned.get(partition)).unclaimed(true);
        }
    }

    /** Commits, in one producer transaction, everything that is due, up to a batch. */
    private void release() {
        List<OutcomeBatch.Share> shares = new ArrayList<>();
        int rows = 0;
        EarlyScan.Found found = early.next(owned.values());
        for (WaitingPartition waiting : owned.values()) {
            List<OutcomeBatch.Row> due = takeDue(waiting, BATCH_ROWS - rows);
            rows += due.size();
            if (found != null && found.waiting() == waiting) {
                due.addAll(found.rows());
            }
            if (waiting.isPrepared() && (!due.isEmpty() || waiting.isUnclaimed())) {
                waiting.unclaimed(false);
                shares.add(new OutcomeBatch.Share(waiting.partition, waiting.assignment, waiting.committable(), due));
            }
        }
        if (!shares.isEmpty()) {
            writer.write(new OutcomeBatch(shares));
        }
    }

    private List<OutcomeBatch.Row> takeDue(WaitingPartition waiting, int limit) {
        List<OutcomeBatch.Row> due = new ArrayList<>();
        while (due.size() < limit) {
            List<ProducerRecord<byte[], byte[]>> onward = onwardIfDue(waiting);
            ConsumerRecord<byte[], byte[]> head = waiting.head();
            if (onward == null || head == null) {
                break;
            }
            due.add(new OutcomeBatch.Row(head.offset(), onward));
            waiting.removeHead();
        }
        return due;
    }

    /** What the head becomes; null when there is none, or it has to wait. */
    private @Nullable List<ProducerRecord<byte[], byte[]>> onwardIfDue(WaitingPartition waiting) {
        ConsumerRecord<byte[], byte[]> head = waiting.head();
        if (head == null || waiting.isWaitingForSchema(ticker.nanoTime())) {
            return null;
        }
        long now = clock.millis();
        try {
            if (waiting.headLeaves(mails, hops) > now) {
                return null;
            }
            Envelope envelope = waiting.headEnvelope(mails);
            long dueAt = envelope.getNotBefore();
            if (dueAt > now && !early.isRecovered(head, envelope)) {
                String tier = topics.retry(hops.next(now, dueAt)).name();
                return List.of(new ProducerRecord<>(tier, head.key(), head.value()));
            }
            released.inc();
            return List.of(new ProducerRecord<>(topics.again().name(), head.key(), head.value()));
        } catch (UndecodableException e) {
            LOG.atError()
                    .addKeyValue("partition", waiting.partition)
                    .addKeyValue("offset", head.offset())
                    .setCause(e)
                    .log("a waiting record cannot be read and goes to rejects");
            return Rejection.of(topics, Rejection.Source.of(head), String.valueOf(e.getMessage()), now);
        } catch (UnknownSchemaException e) {
            if (waiting.wasTaught()) {
                LOG.atError()
                        .addKeyValue("partition", waiting.partition)
                        .addKeyValue("offset", head.offset())
                        .setCause(e)
                        .log("no node has published this record's schema; its partition waits for it");
            }
            waiting.waitForSchema(lessons.next(), ticker.nanoTime());
            return null;
        }
    }

    private long untilNextDue() {
        if (writer.isPending()) {
            return POLL_WHILE_UNCOMMITTED_MILLIS;
        }
        if (early.isBusy()) {
            return 0;
        }
        long now = clock.millis();
        long wait = LONGEST_POLL_MILLIS;
        for (WaitingPartition waiting : owned.values()) {
            if (!waiting.isEmpty() && !waiting.wasTaught()) {
                wait = Math.min(wait, untilHeadLeaves(waiting, now));
            }
        }
        return Math.max(0, wait);
    }

    private long untilHeadLeaves(WaitingPartition waiting, long now) {
        try {
            return waiting.headLeaves(mails, hops) - now;
        } catch (UndecodableException | UnknownSchemaException e) {
            return 0; // The next release deals with it.
        }
    }

    private void pauseWhereMailWaits() {
        Set<TopicPartition> paused = consumer.paused();
        Set<TopicPartition> toPause = new HashSet<>();
        Set<TopicPartition> toResume = new HashSet<>();
        for (WaitingPartition waiting : owned.values()) {
            boolean reads = waiting.isPrepared() && waiting.isEmpty();
            if (reads == paused.contains(waiting.partition)) {
                (reads ? toResume : toPause).add(waiting.partition);
            }
        }
        consumer.pause(toPause);
        consumer.resume(toResume);
    }
}
