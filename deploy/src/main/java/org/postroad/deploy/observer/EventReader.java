package org.postroad.deploy.observer;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.EventSum;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads events into an index, on from where it stopped, as long as they are the events that it was made of: a topic has an id, and of
 * those that the index has read none may have been deleted before it had read the next. Of anything else an index is made anew.
 *
 * <p>It waits for Kafka only while it polls, so that questions are answered whatever Kafka does. Confined to one thread.
 */
final class EventReader {
    private static final Logger LOG = LoggerFactory.getLogger(EventReader.class);

    /** Whether the topic is still the same, and has as many partitions; twice that when it does not say. */
    private static final long LOOK_EVERY_MILLIS = 10_000;

    private static final long AGAIN_AFTER_MILLIS = 1_000;

    /** Recipients whose rows are kept in memory until they are written; a poll may have millions. */
    private static final int MOST_CHANGED = 50_000;

    private final Consumer<byte[], byte[]> consumer;
    private final EventsTopic topic;
    private final Index index;
    private @Nullable CompletableFuture<EventsTopic.Extent> asked;
    private EventsTopic.@Nullable Extent assigned;
    private long askAtMillis;
    private boolean isCurrent;

    /** Hears what was read. */
    interface Listener {
        void event(byte[] json);
    }

    EventReader(Consumer<byte[], byte[]> consumer, EventsTopic topic, Index index) {
        this.consumer = consumer;
        this.topic = topic;
        this.index = index;
    }

    /** Whether it knows where to read. */
    boolean isAssigned() {
        return assigned != null;
    }

    /** Whether it has had all there was since it began to read. */
    boolean isCurrent() {
        return isCurrent;
    }

    /**
     * Finds out where to read, and from time to time whether that is still so.
     *
     * @throws UnfitIndexException when the events are not those that the index was made of
     */
    void look(long nowMillis) {
        if (asked == null && nowMillis >= askAtMillis) {
            asked = topic.extent();
        }
        if (asked == null || !asked.isDone()) {
            return;
        }
        askAtMillis = nowMillis + LOOK_EVERY_MILLIS;
        try {
            EventsTopic.Extent extent = asked.join();
            requireSameTopic(extent);
            if (assigned == null || !assigned.partitions().equals(extent.partitions())) {
                assign(extent);
            }
        } catch (CompletionException e) {
            LOG.atWarn().setCause(e.getCause()).log("the observer waits for Kafka, and goes on where it was");
        } finally {
            asked = null;
        }
    }

    private void requireSameTopic(EventsTopic.Extent extent) {
        if (!index.topic().isEmpty() && !index.topic().equals(extent.id())) {
            throw new UnfitIndexException("the topic is another of that name", null);
        }
    }

    /** What is not read from yet stands still, so that only of that the answer is not older than what was read. */
    private void assign(EventsTopic.Extent extent) {
        for (TopicPartition partition : extent.partitions()) {
            if (assigned == null || !assigned.partitions().contains(partition)) {
                begin(partition, extent);
            }
        }
        index.setTopic(extent.id());
        consumer.assign(extent.partitions());
        extent.partitions()
                .forEach(partition -> consumer.seek(
                        partition, index.sum(partition.partition()).offset()));
        assigned = extent;
        isCurrent = false;
    }

    private void begin(TopicPartition partition, EventsTopic.Extent extent) {
        EventSum sum = index.sum(partition.partition());
        long begin = extent.begins().getOrDefault(partition, 0L);
        if (sum.offset() > extent.ends().getOrDefault(partition, 0L)) {
            throw new UnfitIndexException(partition + " ends before what was read of it", null);
        }
        if (sum.offset() < begin) {
            if (sum.offset() > 0) {
                // Whoever came to an end meanwhile would be under way for ever.
                throw new UnfitIndexException("events of " + partition + " were deleted before they were read", null);
            }
            sum.missed(begin);
        }
    }

    /** Reads for so long at most; returns how many. */
    int read(Duration limit, Listener listener, long nowMillis) {
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = consumer.poll(limit);
        } catch (LogTruncationException e) {
            throw new UnfitIndexException("what was read is no more", e);
        } catch (KafkaException e) {
            LOG.atWarn().setCause(e).log("the observer waits for Kafka, and goes on where it was");
            assigned = null;
            isCurrent = false;
            asked = null;
            askAtMillis = nowMillis + AGAIN_AFTER_MILLIS;
            return 0;
        }
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (index.apply(record) != null) {
                listener.event(record.value());
            }
            index.sum(record.partition()).reached(record.offset() + 1);
            if (index.changed() > MOST_CHANGED) {
                index.commit();
            }
        }
        if (!records.nextOffsets().isEmpty()) {
            records.nextOffsets().forEach((partition, next) -> index.sum(partition.partition())
                    .reached(next.offset()));
            index.commit();
        }
        isCurrent |= lag() == 0;
        return records.count();
    }

    /** Committed events that were not read yet, as the last fetch told; what is not known yet counts as one. */
    long lag() {
        long lag = 0;
        for (TopicPartition partition : consumer.assignment()) {
            lag += consumer.currentLag(partition).orElse(1);
        }
        return lag;
    }

    /** Where the events end now; it fails, or takes its time, where Kafka does. */
    CompletableFuture<Map<TopicPartition, Long>> ends() {
        return assigned == null
                ? CompletableFuture.failedFuture(new KafkaException("nothing is read"))
                : topic.ends(assigned.partitions());
    }

    /** How much is missing before these ends; -1 when they are not known. */
    long lag(CompletableFuture<Map<TopicPartition, Long>> ends) {
        if (!ends.isDone() || ends.isCompletedExceptionally()) {
            return -1;
        }
        long[] lag = {0};
        ends.join()
                .forEach((partition, end) -> lag[0] +=
                        Math.max(0, end - index.sum(partition.partition()).offset()));
        isCurrent |= lag[0] == 0;
        return lag[0];
    }
}
