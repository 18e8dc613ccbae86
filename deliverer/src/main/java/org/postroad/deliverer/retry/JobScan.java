package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.commit.OutcomeBatch;
import org.postroad.deliverer.commit.SchemaLessons;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
import org.postroad.schemas.policy.Job;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does this node's share of operators' jobs: one after another, in the order of their issue, each partition from where the last owner
 * came to up to the end that the job has there.
 *
 * <p>Where two jobs mean the same mail, the one that comes to it first has it. What leaves at the head of a partition meanwhile is asked
 * here too, see {@link #take}: mail that hops from tier to tier, or is tried meanwhile, would slip through otherwise.
 *
 * <p>Confined to the retry reader's thread, but for {@link #hear}.
 */
public final class JobScan {
    private static final Logger LOG = LoggerFactory.getLogger(JobScan.class);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration ENDS_LIMIT = Duration.ofSeconds(1);
    private static final long SAID_EVERY_NANOS = 1_000_000_000L;

    /** @param job null when it is gone */
    private record Said(String id, @Nullable Job job) {}

    /** More than the command lets stand at a time. */
    private static final int MOST_KNOWN = 1_000;

    private final Consumer<byte[], byte[]> consumer;
    private final MailReader mails;
    private final JobRecords records;
    private final SchemaLessons lessons;
    private final Counter released;
    final StoppedPartitions stopped;
    private final Clock clock;
    private final Ticker ticker;
    private final Queue<Said> unheard = new ConcurrentLinkedQueue<>();
    private final Map<String, Job> known = new TreeMap<>();
    private final JobPace pace = new JobPace();
    private @Nullable WaitingPartition scanned;
    private @Nullable Job job;
    private long end;

    /** Nothing that is held before it waits any more; -1 when something does. */
    private long goneTo;

    /**
     * The mark moves when the first mail leaves, after hours or, of held mail, never; and behind it there is no room for any number of
     * jobs. So the job that takes the last room moves what it does not take to the end, and the mark passes all.
     */
    private boolean moving;

    /** Messages that the job may take at once. */
    private long allowed;

    private long saidNanos;
    private boolean untaught;

    /** @param consumer without a group: it reads ahead of the one that waits */
    public JobScan(
            Consumer<byte[], byte[]> consumer,
            Topics topics,
            KnownSchemas schemas,
            SchemaLessons lessons,
            RetryMetrics metrics,
            Clock clock,
            Ticker ticker) {
        this.consumer = consumer;
        this.mails = new MailReader(schemas);
        this.records = new JobRecords(topics, schemas, mails);
        this.lessons = lessons;
        this.released = metrics.released();
        this.stopped = new StoppedPartitions(metrics.stopped());
        this.clock = clock;
        this.ticker = ticker;
    }

    /** A job stands on the control topic; from any thread. */
    void hear(Job said) {
        unheard.add(new Said(said.id(), said));
    }

    /** A job does not stand there any more: nothing that it took is behind any mark; from any thread. */
    void hearGone(String id) {
        unheard.add(new Said(id, null));
    }

    /** A job by its id; null for one that was never heard of. */
    @Nullable
    Job known(String id) {
        return known.get(id);
    }

    boolean isBusy() {
        return scanned != null || !unheard.isEmpty();
    }

    void left(Collection<TopicPartition> partitions) {
        if (scanned != null && partitions.contains(scanned.partition)) {
            scanned = null;
        }
    }

    /** Takes notice of what was heard. */
    void listen() {
        for (Said said = unheard.poll(); said != null; said = unheard.poll()) {
            if (job != null && job.id().equals(said.id())) {
                over();
            }
            if (said.job() == null) {
                known.remove(said.id());
                pace.forget(said.id());
            } else if (known.size() < MOST_KNOWN || known.containsKey(said.id())) {
                known.put(said.id(), said.job());
            } else {
                LOG.atError().addKeyValue("job", said.id()).log("too many jobs stand on the control topic: ignored");
            }
        }
    }

    private boolean isYoung(Job one) {
        return !one.isExpired(clock.millis());
    }

    /** Whether a job has something to do in a partition yet. */
    private boolean isToBeDone(Job one, WaitingPartition waiting) {
        long from =
                Math.max(waiting.mark(), waiting.left().jobs().share(one.id()).below());
        return from < one.end(waiting.partition) && isYoung(one) && !one.isCancelled();
    }

    private boolean isToBeDone(String id, WaitingPartition waiting) {
        Job one = known.get(id);
        return one != null && isToBeDone(one, waiting);
    }

    /** The next part of some job; null when there is nothing to do. */
    EarlyScan.@Nullable Found next(Collection<WaitingPartition> owned) {
        if (scanned == null && !begin(owned)) {
            return null;
        }
        WaitingPartition waiting = scanned;
        Job one = job;
        if (waiting == null || one == null) {
            return null;
        }
        List<OutcomeBatch.Row> rows = new ArrayList<>();
        long before = waiting.left().jobs().share(one.id()).messages();
        try {
            long to = scan(one, waiting, rows);
            pace.took(one, waiting.left().jobs().share(one.id()).messages() - before, ticker.nanoTime());
            if ((moving || waiting.isHeld()) && goneTo >= 0) {
                goneTo = to;
                waiting.passedTo(to);
            }
            waiting.left().jobs().reached(one, Math.min(to, end));
            if (to >= end || untaught || !pace.isReady(one, ticker.nanoTime())) {
                over();
            }
            if (to >= end) {
                log(one, waiting);
            }
        } catch (InvalidOffsetException trimmed) {
            over(); // it begins again where the mark is now
        }
        if (!rows.isEmpty() || scanned == null || ticker.nanoTime() - saidNanos >= SAID_EVERY_NANOS) {
            saidNanos = ticker.nanoTime();
            waiting.toBeSaid();
        }
        waiting.dropLeft(mails);
        return new EarlyScan.Found(waiting, rows);
    }

    private void over() {
        scanned = null;
        consumer.assign(List.of());
    }

    private static void log(Job one, WaitingPartition waiting) {
        JobShares.Share share = waiting.left().jobs().share(one.id());
        LOG.atInfo()
                .addKeyValue("job", one.id())
                .addKeyValue("partition", waiting.partition)
                .addKeyValue("messages", share.messages())
                .addKeyValue("recipients", share.recipients())
                .log("waiting mail was looked through for a job");
    }

    private boolean begin(Collection<WaitingPartition> owned) {
        for (Job one : known.values()) {
            if (!pace.isReady(one, ticker.nanoTime())) {
                continue;
            }
            for (WaitingPartition waiting : owned) {
                if (waiting.isPrepared() && isToBeDone(one, waiting) && begin(one, waiting)) {
                    allowed = pace.begin(one, owned);
                    return true;
                }
            }
        }
        return false;
    }

    private boolean begin(Job one, WaitingPartition waiting) {
        JobShares shares = waiting.left().jobs();
        if (!waiting.mayBeAsked(one.id(), ticker.nanoTime())
                || !shares.begin(one, waiting.mark(), id -> isToBeDone(id, waiting))) {
            return false; // there is room when the mark has passed what others have done
        }
        List<TopicPartition> its = List.of(waiting.partition);
        consumer.assign(its);
        try {
            end = one.end(waiting.partition);
            if (consumer.endOffsets(its, ENDS_LIMIT).getOrDefault(waiting.partition, 0L) < end) {
                return false; // a leader that is new does not know all yet: what is not seen must not be passed over
            }
        } catch (TimeoutException e) {
            waiting.hasNoAnswer(ticker.nanoTime());
            return false;
        }
        moving = shares.isFull();
        long from = moving
                ? waiting.mark()
                : Math.max(waiting.mark(), shares.share(one.id()).below());
        consumer.seek(waiting.partition, from);
        goneTo = from == waiting.mark() ? from : -1;
        scanned = waiting;
        job = one;
        untaught = false;
        return true;
    }

    /** Looks at what comes next; the offset to which all that is meant has left. */
    private long scan(Job one, WaitingPartition waiting, List<OutcomeBatch.Row> rows) {
        long before = waiting.left().jobs().share(one.id()).messages();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            if (record.offset() >= end) {
                return end;
            }
            if (waiting.left().jobs().share(one.id()).messages() - before >= allowed) {
                return record.offset();
            }
            try {
                boolean waits =
                        record.offset() >= waiting.mark() && !waiting.left().has(record, mails);
                if (waits && !isTaken(one, waiting, record, rows)) {
                    stays(waiting, record, rows);
                }
            } catch (UnknownSchemaException e) {
                untaught = true;
                if (waiting.standsAtSchema(one.id(), ticker.nanoTime())) {
                    var unusedSinceItIsAskedAgain = lessons.next();
                }
                return record.offset();
            }
        }
        return consumer.position(waiting.partition);
    }

    private void stays(WaitingPartition waiting, ConsumerRecord<byte[], byte[]> record, List<OutcomeBatch.Row> rows)
            throws UnknownSchemaException {
        if (moving) {
            rows.add(new OutcomeBatch.Row(record.offset(), List.of(records.moved(record, clock.millis()))));
        } else if (waiting.isHeld() && goneTo >= 0) {
            waiting.passedTo(record.offset());
            goneTo = -1;
        }
    }

    private boolean isTaken(
            Job one, WaitingPartition waiting, ConsumerRecord<byte[], byte[]> record, List<OutcomeBatch.Row> rows)
            throws UnknownSchemaException {
        try {
            Envelope envelope = mails.decodeWhatIsKnown(record.value());
            List<ProducerRecord<byte[], byte[]>> onward =
                    moving || isMeant(one, waiting, record, envelope) ? taken(one, waiting, record, envelope) : null;
            if (onward != null) {
                rows.add(new OutcomeBatch.Row(record.offset(), onward));
            }
            return onward != null;
        } catch (UndecodableException e) {
            return false; // no job means it; the reader at the head of a tier rejects it
        }
    }

    /** What a record becomes that leaves its place whatever jobs there are, if any means it; else null. */
    @Nullable
    List<ProducerRecord<byte[], byte[]>> take(
            WaitingPartition waiting, ConsumerRecord<byte[], byte[]> record, Envelope envelope)
            throws UnknownSchemaException, UndecodableException {
        return taken(null, waiting, record, envelope);
    }

    /**
     * The record leaves its place whole, so all jobs that have not come to it are asked whom of it they mean: they would not find it behind
     * their ends.
     *
     * @param first is asked before the others, which come in the order of their issue
     */
    private @Nullable List<ProducerRecord<byte[], byte[]>> taken(
            @Nullable Job first, WaitingPartition waiting, ConsumerRecord<byte[], byte[]> record, Envelope envelope)
            throws UnknownSchemaException, UndecodableException {
        Map<Job, List<Recipient>> claims = new LinkedHashMap<>();
        Set<Recipient> unclaimed = new HashSet<>(envelope.getRecipients());
        if (first != null) {
            claim(first, waiting, record, envelope, claims, unclaimed);
        }
        for (Job one : known.values()) {
            if (!unclaimed.isEmpty() && !claims.containsKey(one) && isToBeDone(one, waiting)) {
                claim(one, waiting, record, envelope, claims, unclaimed);
            }
        }
        if (claims.isEmpty()) {
            return null;
        }
        JobRecords.Taken taken = records.of(claims, record, envelope, clock.millis());
        taken.recipients().forEach((one, recipients) -> {
            waiting.left().jobs().took(one, recipients);
            released.inc();
        });
        return taken.records();
    }

    private static void claim(
            Job one,
            WaitingPartition waiting,
            ConsumerRecord<byte[], byte[]> record,
            Envelope envelope,
            Map<Job, List<Recipient>> claims,
            Set<Recipient> unclaimed) {
        List<Recipient> its = meant(one, waiting, record, envelope).stream()
                .filter(unclaimed::contains)
                .toList();
        if (!its.isEmpty()) {
            claims.put(one, its);
            its.forEach(unclaimed::remove);
        }
    }

    private static boolean isMeant(
            Job one, WaitingPartition waiting, ConsumerRecord<byte[], byte[]> record, Envelope envelope) {
        return !meant(one, waiting, record, envelope).isEmpty();
    }

    private static List<Recipient> meant(
            Job one, WaitingPartition waiting, ConsumerRecord<byte[], byte[]> record, Envelope envelope) {
        return record.key() != null && record.offset() < one.end(waiting.partition)
                ? one.meant(envelope, new String(record.key(), UTF_8), record.timestamp())
                : List.of();
    }
}
