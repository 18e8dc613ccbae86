package org.postroad.deliverer.poll;

import io.netty.util.concurrent.Ticker;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.commit.Assignments;
import org.postroad.deliverer.commit.CommitCycle;
import org.postroad.deliverer.commit.OwnedPartition;
import org.postroad.deliverer.commit.SchemaLessons;
import org.postroad.deliverer.delivery.Dispatch;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.NewerRecordException;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads polled records and hands what is unfinished to the event loops.
 *
 * <p>What nobody can read is rejected and the partition moves on; what a newer node wrote waits until its schema is learned. Confined
 * to the poller's thread.
 */
public final class Handout {
    private static final Logger LOG = LoggerFactory.getLogger(Handout.class);

    /** Between two reads of the control topic for a schema that the first did not bring. */
    private static final long NEXT_LESSON_NANOS = 5_000_000_000L;

    private static final long SILENCE_NANOS = 60_000_000_000L;

    /** A seek throws away what was fetched ahead, up to a megabyte: so many small records. */
    private static final long WORTH_A_LEAP = 1_000;

    private final Consumer<byte[], byte[]> consumer;
    private final Assignments assignments;
    private final Dispatch dispatch;
    private final CommitCycle commits;
    private final Codec<Delivery> codec;
    private final SchemaLessons lessons;
    private final Ticker ticker;
    private long silentUntil;

    public Handout(
            Consumer<byte[], byte[]> consumer,
            Assignments assignments,
            Dispatch dispatch,
            CommitCycle commits,
            Codec<Delivery> codec,
            SchemaLessons lessons,
            Ticker ticker) {
        this.consumer = consumer;
        this.assignments = assignments;
        this.dispatch = dispatch;
        this.commits = commits;
        this.codec = codec;
        this.lessons = lessons;
        this.ticker = ticker;
        this.silentUntil = ticker.nanoTime();
    }

    void handOut(ConsumerRecords<byte[], byte[]> polled) {
        for (TopicPartition partition : polled.partitions()) {
            OwnedPartition owned = assignments.get(partition);
            if (owned == null || !owned.isPrepared()) {
                throw new IllegalStateException("records of " + partition + ", which was not prepared");
            }
            boolean all = true;
            for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
                if (owned.ledger().wants(record.offset()) && !take(owned, record)) {
                    all = false;
                    break;
                }
            }
            OffsetAndMetadata next = polled.nextOffsets().get(partition);
            if (all && next != null) {
                owned.ledger().reach(next.offset());
                leap(owned, next.offset());
            }
        }
    }

    /** Over what an earlier owner finished, when it is much: else a restart behind one slow mail would read hours of it again. */
    private void leap(OwnedPartition owned, long position) {
        long wanted = owned.ledger().nextWanted();
        if (wanted - position >= WORTH_A_LEAP) {
            consumer.seek(owned.partition, wanted);
        }
    }

    /** False when the partition has to wait at this record. */
    private boolean take(OwnedPartition owned, ConsumerRecord<byte[], byte[]> record) {
        try {
            Delivery delivery = codec.decode(record.value());
            if (delivery.getEnvelope().getRecipients().isEmpty()) {
                reject(owned, record, "a delivery for nobody, which no outcome could ever finish");
                return true;
            }
            if (commits.putOffHeld(owned, record, delivery)) {
                return true;
            }
            int octets = Math.max(record.serializedValueSize(), Envelopes.heldOctets(delivery.getEnvelope()));
            OpenDelivery open = new OpenDelivery(owned.partition, owned.assignment, record.offset(), octets, delivery);
            owned.started(open);
            dispatch.start(open);
            return true;
        } catch (UndecodableException e) {
            reject(owned, record, String.valueOf(e.getMessage()));
            return true;
        } catch (NewerRecordException e) {
            putOff(owned, record, e);
            return true;
        } catch (UnknownSchemaException e) {
            waitForSchema(owned, record, e);
            return false;
        }
    }

    /** It says so once a minute; the events tell of each. */
    private void putOff(OwnedPartition owned, ConsumerRecord<byte[], byte[]> record, NewerRecordException why) {
        long now = ticker.nanoTime();
        if (now - silentUntil >= 0) {
            silentUntil = now + SILENCE_NANOS;
            LOG.atWarn()
                    .addKeyValue("partition", owned.partition)
                    .addKeyValue("offset", record.offset())
                    .addKeyValue("why", why.getMessage())
                    .log("mail waits, uncounted, in a tier for a newer deliverer that knows all that it says");
        }
        try {
            commits.putOff(owned, record, codec.decodeWhatIsKnown(record.value()), String.valueOf(why.getMessage()));
        } catch (UndecodableException | UnknownSchemaException e) {
            throw new IllegalStateException("was read a moment ago", e);
        }
    }

    private void reject(OwnedPartition owned, ConsumerRecord<byte[], byte[]> record, String why) {
        LOG.atError()
                .addKeyValue("partition", owned.partition)
                .addKeyValue("offset", record.offset())
                .addKeyValue("why", why)
                .log("a record of outbound cannot be read and goes to rejects");
        commits.reject(owned, record, why);
    }

    private void waitForSchema(
            OwnedPartition owned, ConsumerRecord<byte[], byte[]> record, UnknownSchemaException why) {
        OwnedPartition.@Nullable Block earlier = owned.block();
        boolean taughtInVain = earlier != null && earlier.offset() == record.offset();
        if (taughtInVain) {
            LOG.atError()
                    .addKeyValue("partition", owned.partition)
                    .addKeyValue("offset", record.offset())
                    .setCause(why)
                    .log("no node has published this record's schema; its partition waits for it");
        }
        // The first lesson is at once; only when it brought nothing does the next one wait.
        Future<?> lesson = lessons.next();
        long until = ticker.nanoTime() + (taughtInVain ? NEXT_LESSON_NANOS : 0);
        owned.block(new OwnedPartition.Block(record.offset(), lesson, until));
        consumer.seek(owned.partition, record.offset());
    }
}
