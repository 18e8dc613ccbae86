package org.postroad.deliverer.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Topics;

/** What the brokers keep: partitions with their records and the offsets that groups have committed. It never fails; the way to it does. */
final class SimulatedLog {
    /** One record. */
    static final class Entry {
        final long offset;
        final long atMillis;
        final long atNanos;
        final byte @Nullable [] key;
        final byte @Nullable [] value;

        /** Its mail: queue id and recipient of each. */
        final List<String> tokens;

        /** Whether what the group has committed says so. */
        boolean finished;

        Entry(long offset, World world, byte @Nullable [] key, byte @Nullable [] value, List<String> tokens) {
            this.offset = offset;
            this.atMillis = world.clock.millis();
            this.atNanos = world.now();
            this.key = key;
            this.value = value;
            this.tokens = tokens;
        }

        byte[] key() {
            return Objects.requireNonNull(key);
        }

        /** Of a record that has one. */
        byte[] octets() {
            return Objects.requireNonNull(value);
        }
    }

    /** One partition. */
    static final class Partition {
        final TopicPartition name;
        final List<Entry> entries = new ArrayList<>();
        OffsetAndMetadata committed = new OffsetAndMetadata(0, "");
        long end;
        int firstUnfinished;

        Partition(TopicPartition name) {
            this.name = name;
        }

        /** The index of the first record at or after an offset. */
        int indexOf(long offset) {
            int low = 0;
            int high = entries.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (entries.get(middle).offset < offset) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }
    }

    private final World world;
    private final Mails mails;
    private final Map<String, Integer> counts = new HashMap<>();
    private final Map<TopicPartition, Partition> partitions = new LinkedHashMap<>();

    /** @param roads partitions of outbound; waiting mail has half as many in each tier */
    SimulatedLog(World world, Topics topics, Mails mails, int roads) {
        this.world = world;
        this.mails = mails;
        counts.put(topics.outbound().name(), roads);
        topics.retries().forEach(tier -> counts.put(tier.name(), Math.max(1, roads / 2)));
    }

    Partition partition(TopicPartition name) {
        return partitions.computeIfAbsent(name, Partition::new);
    }

    List<TopicPartition> partitionsOf(String topic) {
        List<TopicPartition> all = new ArrayList<>();
        for (int i = 0; i < counts.getOrDefault(topic, 1); i++) {
            all.add(new TopicPartition(topic, i));
        }
        return all;
    }

    /** Where records of a key go. */
    TopicPartition placeOf(String topic, byte @Nullable [] key) {
        return new TopicPartition(topic, Math.floorMod(Arrays.hashCode(key), counts.getOrDefault(topic, 1)));
    }

    TopicPartition placeOf(String topic, String key) {
        return placeOf(topic, key.getBytes(UTF_8));
    }

    Entry append(ProducerRecord<byte[], byte[]> record) {
        return append(placeOf(record.topic(), record.key()), record.key(), record.value());
    }

    Entry append(TopicPartition place, byte @Nullable [] key, byte @Nullable [] value) {
        Partition partition = partition(place);
        Entry entry = new Entry(partition.end++, world, key, value, mails.tokens(place.topic(), value));
        partition.entries.add(entry);
        return entry;
    }

    /** The marker with which a transaction ends: an offset without a record. */
    void mark(TopicPartition place) {
        partition(place).end++;
    }
}
