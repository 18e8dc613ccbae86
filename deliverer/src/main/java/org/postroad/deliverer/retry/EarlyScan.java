package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.client.Counter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.commit.OutcomeBatch;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.deliverer.fate.Hops;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.FutureRelease;
import org.postroad.schemas.InDoubt;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks through waiting mail for that of destinations that have recovered, one partition after another, beside the reader that
 * waits at their heads.
 *
 * <p>Confined to the retry reader's thread, but for {@link #hear}.
 */
public final class EarlyScan {
    private static final Logger LOG = LoggerFactory.getLogger(EarlyScan.class);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration ENDS_LIMIT = Duration.ofSeconds(1);

    /** What was found in one partition. */
    record Found(WaitingPartition waiting, List<OutcomeBatch.Row> rows) {}

    private final Consumer<byte[], byte[]> consumer;
    private final Topics topics;
    private final Hops hops;
    private final MailReader mails;
    private final JobScan jobs;
    private final Counter released;
    private final Clock clock;
    private final Queue<RecoveryNotice> unheard = new ConcurrentLinkedQueue<>();
    private final Map<String, RecoveryNotice> recent = new HashMap<>();
    private @Nullable WaitingPartition scanned;
    private long end;

    /**
     * @param consumer without a group: it reads ahead of the one that waits
     * @param jobs are asked first, as at a head: mail that changes its place would slip from a partition that a job has not looked at into
     *     one that it has
     */
    public EarlyScan(
            Consumer<byte[], byte[]> consumer,
            Topics topics,
            MailReader mails,
            JobScan jobs,
            Counter released,
            Clock clock) {
        this.consumer = consumer;
        this.topics = topics;
        this.hops = new Hops(topics.tiers());
        this.mails = mails;
        this.jobs = jobs;
        this.released = released;
        this.clock = clock;
    }

    /** A destination has recovered; from any thread. */
    void hear(RecoveryNotice notice) {
        unheard.add(notice);
    }

    boolean isBusy() {
        return scanned != null || !unheard.isEmpty();
    }

    /** A partition's committed mark is known. Held mail does not wait for its destination, but for an operator. */
    void prepared(WaitingPartition waiting) {
        if (!waiting.isHeld()) {
            recent.values().stream()
                    .filter(notice -> notice.isRecent(clock.millis()))
                    .forEach(waiting.left().early()::recovered);
        }
    }

    void left(Collection<TopicPartition> partitions) {
        if (scanned != null && partitions.contains(scanned.partition)) {
            scanned = null;
        }
    }

    /** Whether a record was put off before its destination recovered. */
    boolean isRecovered(ConsumerRecord<byte[], byte[]> record, Envelope envelope) {
        if (recent.isEmpty() || record.key() == null || keepsItsTime(envelope)) {
            return false;
        }
        RecoveryNotice notice = recent.get(new String(record.key(), UTF_8));
        return notice != null && notice.isRecent(clock.millis()) && record.timestamp() <= notice.sinceMillis();
    }

    /** The next part of a pass; null when there is nothing to look for. */
    @Nullable
    Found next(Collection<WaitingPartition> owned) {
        listen(owned);
        if (scanned == null && !begin(owned)) {
            return null;
        }
        WaitingPartition waiting = scanned;
        if (waiting == null) {
            return null;
        }
        List<OutcomeBatch.Row> rows = new ArrayList<>();
        try {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                look(waiting, record, rows);
            }
            if (consumer.position(waiting.partition) >= end) {
                waiting.left().early().end();
            }
        } catch (InvalidOffsetException trimmed) {
            LOG.atWarn()
                    .addKeyValue("partition", waiting.partition)
                    .setCause(trimmed)
                    .log("waiting mail is not looked through");
            waiting.left().early().end();
        }
        waiting.dropLeft(mails);
        if (!waiting.left().early().isInPass()) {
            scanned = null;
            consumer.assign(List.of());
        }
        return new Found(waiting, rows);
    }

    private void listen(Collection<WaitingPartition> owned) {
        for (RecoveryNotice notice = unheard.poll(); notice != null; notice = unheard.poll()) {
            if (recent.size() >= EarlyReleases.RECOVERED) {
                recent.values().removeIf(one -> !one.isRecent(clock.millis()));
            }
            if (recent.size() < EarlyReleases.RECOVERED || recent.containsKey(notice.destination())) {
                recent.put(notice.destination(), notice);
                for (WaitingPartition waiting : owned) {
                    if (waiting.isPrepared() && !waiting.isHeld()) {
                        waiting.left().early().recovered(notice);
                    }
                }
            }
        }
    }

    private boolean begin(Collection<WaitingPartition> owned) {
        for (WaitingPartition waiting : owned) {
            if (waiting.isPrepared() && waiting.left().early().isAwaited() && begin(waiting)) {
                return true;
            }
        }
        return false;
    }

    private boolean begin(WaitingPartition waiting) {
        List<TopicPartition> one = List.of(waiting.partition);
        consumer.assign(one);
        try {
            end = consumer.endOffsets(one, ENDS_LIMIT).getOrDefault(waiting.partition, 0L);
        } catch (TimeoutException e) {
            return false; // asked again at the next turn
        }
        long from = waiting.left().early().begin(waiting.mark());
        if (from >= 0 && from < end) {
            consumer.seek(waiting.partition, from);
            scanned = waiting;
            return true;
        }
        waiting.left().early().end(); // nothing waits
        return false;
    }

    private void look(WaitingPartition waiting, ConsumerRecord<byte[], byte[]> record, List<OutcomeBatch.Row> rows) {
        EarlyReleases early = waiting.left().early();
        boolean waits = record.offset() >= waiting.mark(); // else it has left since the pass began
        if (record.key() == null || !waits) {
            return;
        }
        String destination = new String(record.key(), UTF_8);
        if (!early.isWanted(destination, record.offset(), record.timestamp())) {
            return;
        }
        try {
            if (waiting.left().has(record, mails)) {
                return; // a job has it
            }
            Envelope envelope = mails.decodeWhatIsKnown(record.value());
            List<ProducerRecord<byte[], byte[]>> taken = jobs.take(waiting, record, envelope);
            rows.add(new OutcomeBatch.Row(record.offset(), taken == null ? List.of(onward(record, envelope)) : taken));
            early.released(destination, record.offset());
        } catch (UndecodableException | UnknownSchemaException e) {
            early.refused(destination); // the reader at the head deals with it
        }
    }

    /** To be routed again; mail that keeps its time only changes its place. */
    private ProducerRecord<byte[], byte[]> onward(ConsumerRecord<byte[], byte[]> record, Envelope envelope) {
        long now = clock.millis();
        if (keepsItsTime(envelope) && envelope.getNotBefore() > now) {
            String tier = topics.retry(hops.next(now, envelope.getNotBefore())).name();
            return new ProducerRecord<>(tier, record.key(), record.value());
        }
        released.inc();
        return new ProducerRecord<>(topics.again().name(), record.key(), record.value());
    }

    private static boolean keepsItsTime(Envelope envelope) {
        return FutureRelease.isAskedFor(envelope) || isInDoubt(envelope);
    }

    private static boolean isInDoubt(Envelope envelope) {
        return envelope.getRecipients().stream().anyMatch(recipient -> InDoubt.isSaidIn(recipient.getLastReply()));
    }
}
