package org.postroad.deliverer.retry;

import io.netty.util.concurrent.Ticker;
import io.prometheus.client.Counter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.commit.OutcomeBatch;
import org.postroad.deliverer.commit.Rejection;
import org.postroad.deliverer.commit.SchemaLessons;
import org.postroad.deliverer.fate.Hops;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says which mail at the heads of its partitions is due, and what becomes of it. Confined to the retry reader's thread. */
public final class DueHeads {
    private static final Logger LOG = LoggerFactory.getLogger(DueHeads.class);

    private final Topics topics;
    private final Hops hops;
    private final MailReader mails;
    private final SchemaLessons lessons;
    private final EarlyScan early;
    private final JobScan jobs;
    private final Counter released;
    private final Clock clock;
    private final Ticker ticker;

    public DueHeads(
            Topics topics,
            MailReader mails,
            SchemaLessons lessons,
            EarlyScan early,
            JobScan jobs,
            Counter released,
            Clock clock,
            Ticker ticker) {
        this.topics = topics;
        this.hops = new Hops(topics.tiers());
        this.mails = mails;
        this.lessons = lessons;
        this.early = early;
        this.jobs = jobs;
        this.released = released;
        this.clock = clock;
        this.ticker = ticker;
    }

    /** Takes from a partition what is due, at most so many. */
    List<OutcomeBatch.Row> take(WaitingPartition waiting, int limit) {
        List<OutcomeBatch.Row> due = new ArrayList<>();
        while (due.size() < limit) {
            List<ProducerRecord<byte[], byte[]>> onward = onwardIfDue(waiting);
            ConsumerRecord<byte[], byte[]> head = waiting.head();
            if (onward == null || head == null) {
                break;
            }
            if (onward.isEmpty()) {
                waiting.toBeSaid();
            } else {
                due.add(new OutcomeBatch.Row(head.offset(), onward));
            }
            waiting.removeHead();
        }
        return due;
    }

    /** What the head becomes; nothing when it has left already; null when there is none, or it has to wait. */
    private @Nullable List<ProducerRecord<byte[], byte[]>> onwardIfDue(WaitingPartition waiting) {
        ConsumerRecord<byte[], byte[]> head = waiting.head();
        if (head == null || waiting.isWaitingForSchema(ticker.nanoTime())) {
            return null;
        }
        long now = clock.millis();
        try {
            if (waiting.left().has(head, mails)) {
                return List.of();
            }
            if (waiting.headLeaves(mails, hops) > now) {
                return null;
            }
            return onward(waiting, head, waiting.headEnvelope(mails), now);
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

    private List<ProducerRecord<byte[], byte[]>> onward(
            WaitingPartition waiting, ConsumerRecord<byte[], byte[]> head, Envelope envelope, long now)
            throws UnknownSchemaException, UndecodableException {
        List<ProducerRecord<byte[], byte[]>> taken = jobs.take(waiting, head, envelope);
        if (taken != null) {
            return taken;
        }
        long dueAt = envelope.getNotBefore();
        if (dueAt > now && !early.isRecovered(head, envelope)) {
            String tier = topics.retry(hops.next(now, dueAt)).name();
            return List.of(new ProducerRecord<>(tier, head.key(), head.value()));
        }
        released.inc();
        return List.of(new ProducerRecord<>(topics.again().name(), head.key(), head.value()));
    }

    /** Milliseconds until some head is due, at most so many. */
    long untilNextDue(Collection<WaitingPartition> owned, long most) {
        long now = clock.millis();
        long wait = most;
        for (WaitingPartition waiting : owned) {
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
}
