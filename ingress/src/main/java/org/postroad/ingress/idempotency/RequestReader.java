package org.postroad.ingress.idempotency;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.FollowedRecords;
import org.postroad.schemas.FollowedTurns;
import org.postroad.schemas.PostedRequest;
import org.postroad.schemas.UnreachableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the requests topic, from a day ago on. Confined to one thread, but for {@link #close}. */
final class RequestReader implements Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RequestReader.class);

    private static final Duration POLL = Duration.ofMillis(100);

    /** A day's records are a hundred megabytes, in the worst case. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** More than a day: claims that lost against one before the first that is read have to be over. */
    private static final Duration LOOKS_BACK = KnownRequests.KNOWN.plusHours(6);

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final FollowedRecords<PostedRequest> records;
    private final KnownRequests known;
    private final Listener listener;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final FollowedTurns turns;
    private long next;

    /** What the reader tells, on its own thread. */
    interface Listener {
        /**
         * A claim was read.
         *
         * @param first of the same key
         */
        void judged(PostedRequest claim, KnownRequests.Known first);
    }

    /**
     * One that has not begun.
     *
     * @param consumer without a group; the reader closes it when it ends
     * @param nanoTime as {@link System#nanoTime}
     */
    RequestReader(
            Consumer<byte[], byte[]> consumer,
            TopicPartition partition,
            FollowedRecords<PostedRequest> records,
            KnownRequests known,
            Listener listener,
            Clock clock,
            LongSupplier nanoTime) {
        this.consumer = consumer;
        this.turns = new FollowedTurns(consumer, "requests with keys cannot be followed: their clients hear 503");
        this.partition = partition;
        this.records = records;
        this.known = known;
        this.listener = listener;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /**
     * Comes to know the keys of a day, before the node takes mail; blocks, at most a minute.
     *
     * @throws UnreachableException if they cannot be had
     */
    void begin() {
        try {
            readFromADayAgo();
        } catch (KafkaException e) {
            consumer.close();
            throw new UnreachableException("cannot read " + partition.topic() + ": " + e.getMessage(), e);
        }
    }

    private void readFromADayAgo() {
        long deadline = nanoTime.getAsLong() + PATIENCE.toNanos();
        consumer.assign(List.of(partition));
        long end = consumer.endOffsets(List.of(partition), PATIENCE).getOrDefault(partition, 0L);
        long since = clock.millis() - LOOKS_BACK.toMillis();
        @Nullable
        OffsetAndTimestamp first =
                consumer.offsetsForTimes(Map.of(partition, since), PATIENCE).get(partition);
        next = first == null ? end : first.offset();
        consumer.seek(partition, next);
        while (consumer.position(partition, PATIENCE) < end) {
            if (nanoTime.getAsLong() - deadline > 0) {
                throw new TimeoutException("no end of " + partition.topic());
            }
            turn();
        }
    }

    /** Follows the topic; returns after {@link #close}. */
    @Override
    public void run() {
        turns.take(this::turnAndForget, this::seekNext);
    }

    private void turnAndForget() {
        turn();
        known.forget(clock.millis());
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
        try {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                PostedRequest request = records.read(record);
                if (request != null) {
                    take(request, record);
                }
                next = record.offset() + 1;
            }
        } catch (InvalidOffsetException e) {
            LOG.atWarn().setCause(e).log("the requests topic is not what it was; it is read anew");
            readFromADayAgo();
        }
    }

    private void take(PostedRequest request, ConsumerRecord<byte[], byte[]> record) {
        try {
            listener.judged(request, known.take(request, record.timestamp()));
        } catch (RuntimeException fault) {
            LOG.atError().addKeyValue("offset", record.offset()).setCause(fault).log("unforeseen exception");
        }
    }
}
