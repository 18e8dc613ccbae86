package org.postroad.router;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.postroad.schemas.Codec;
import org.postroad.schemas.KnownSchemas;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that wait because their next record has a schema nobody here knows yet. Such a record never reaches Streams, whose
 * only answer to one that a processor cannot take is to end the thread, and with it all other partitions.
 *
 * <p>A partition that waits is paused at that record and nothing is committed past it. Confined to the consumer's thread.
 */
final class SchemaWaits {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaWaits.class);

    private final Reading reading;
    private final KnownSchemas schemas;
    private final SchemaLessons lessons;

    /** Each with the record it waits at. */
    private final Map<TopicPartition, Wait> waits = new HashMap<>();

    /** What Streams paused for reasons of its own. */
    private final Set<TopicPartition> pausedByStreams = new HashSet<>();

    private record Wait(long offset, byte[] value, long saidNanos) {}

    /** What a consumer reads, and from where. */
    interface Reading {
        Set<TopicPartition> assigned();

        void pause(Collection<TopicPartition> partitions);

        void resume(Collection<TopicPartition> partitions);

        void seek(TopicPartition partition, long offset);
    }

    SchemaWaits(Reading reading, KnownSchemas schemas, SchemaLessons lessons) {
        this.reading = reading;
        this.schemas = schemas;
        this.lessons = lessons;
    }

    /** Before each poll: what was learned goes on, for the rest another look at the control topic. */
    void goOnWhereLearned(long nowNanos) {
        if (waits.isEmpty()) {
            return;
        }
        Set<TopicPartition> assigned = reading.assigned();
        List<TopicPartition> learned = new ArrayList<>();
        for (Iterator<Map.Entry<TopicPartition, Wait>> each = waits.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<TopicPartition, Wait> next = each.next();
            if (!assigned.contains(next.getKey())) {
                each.remove();
            } else if (!Codec.isUnlearned(next.getValue().value(), schemas)) {
                learned.add(next.getKey());
                each.remove();
            } else {
                lessons.ask(nowNanos);
                next.setValue(saidAgain(next.getKey(), next.getValue(), nowNanos));
            }
        }
        learned.removeAll(pausedByStreams);
        reading.resume(learned);
    }

    private static Wait saidAgain(TopicPartition partition, Wait wait, long nowNanos) {
        if (nowNanos - wait.saidNanos() < SchemaLessons.BETWEEN_NANOS) {
            return wait;
        }
        LOG.atError()
                .addKeyValue("partition", partition)
                .addKeyValue("offset", wait.offset())
                .log("no node has published this record's schema; its partition waits for it");
        return new Wait(wait.offset(), wait.value(), nowNanos);
    }

    /** What was polled, without the first such record of a partition and all behind it: those are polled again. */
    ConsumerRecords<byte[], byte[]> withoutUnlearned(ConsumerRecords<byte[], byte[]> polled, long nowNanos) {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> kept = new HashMap<>();
        for (TopicPartition partition : polled.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> records = polled.records(partition);
            int readable = readable(records);
            if (readable < records.size()) {
                kept.put(partition, records.subList(0, readable));
                await(partition, records.get(readable), nowNanos);
            }
        }
        return kept.isEmpty() ? polled : without(polled, kept);
    }

    private ConsumerRecords<byte[], byte[]> without(
            ConsumerRecords<byte[], byte[]> polled, Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> cut) {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>(polled.nextOffsets());
        for (TopicPartition partition : polled.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> its = cut.getOrDefault(partition, polled.records(partition));
            if (!its.isEmpty()) {
                records.put(partition, its);
            }
            Wait wait = waits.get(partition);
            if (cut.containsKey(partition) && wait != null) {
                next.put(partition, new OffsetAndMetadata(wait.offset()));
            }
        }
        return new ConsumerRecords<>(records, next);
    }

    /** How many of them come before the first that has to wait. */
    private int readable(List<ConsumerRecord<byte[], byte[]>> records) {
        int count = 0;
        while (count < records.size() && !Codec.isUnlearned(records.get(count).value(), schemas)) {
            count++;
        }
        return count;
    }

    private void await(TopicPartition partition, ConsumerRecord<byte[], byte[]> record, long nowNanos) {
        reading.pause(Set.of(partition));
        reading.seek(partition, record.offset());
        waits.put(partition, new Wait(record.offset(), record.value(), nowNanos));
        lessons.ask(nowNanos);
    }

    void pausedByStreams(Collection<TopicPartition> partitions) {
        pausedByStreams.addAll(partitions);
    }

    /** Which of those that Streams resumes may go on. */
    Collection<TopicPartition> resumedByStreams(Collection<TopicPartition> partitions) {
        pausedByStreams.removeAll(partitions);
        if (waits.isEmpty()) {
            return partitions;
        }
        return partitions.stream()
                .filter(partition -> !waits.containsKey(partition))
                .toList();
    }

    /** Streams goes back to what was committed: the partition is read from there, and waits again when it gets here. */
    void soughtByStreams(TopicPartition partition) {
        if (waits.remove(partition) != null && !pausedByStreams.contains(partition)) {
            reading.resume(Set.of(partition));
        }
    }
}
