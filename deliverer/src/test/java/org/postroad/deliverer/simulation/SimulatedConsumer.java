package org.postroad.deliverer.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** A consumer of the simulated log, told what to read or a member of a group whose callbacks come in its polls. */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // one thread runs all of the simulation
final class SimulatedConsumer extends MockConsumer<byte[], byte[]> implements SimulatedGroup.Member {
    private final SimulatedKafka kafka;
    private final SimulatedKafka.Client client;
    private final String id;
    private final int mostRecords;
    private final Map<TopicPartition, Long> positions = new LinkedHashMap<>();
    private final Set<TopicPartition> paused = new LinkedHashSet<>();
    private final Queue<Runnable> callbacks = new ArrayDeque<>();
    private @Nullable ConsumerRebalanceListener listener;
    private int generation;
    private Duration lastWait = Duration.ZERO;

    SimulatedConsumer(SimulatedKafka kafka, SimulatedKafka.Client client, String id, int mostRecords) {
        super("none");
        this.kafka = kafka;
        this.client = client;
        this.id = id;
        this.mostRecords = mostRecords;
    }

    /** Whether a poll would bring something. */
    boolean hasNews() {
        if (!callbacks.isEmpty()) {
            return true;
        }
        for (Map.Entry<TopicPartition, Long> one : positions.entrySet()) {
            if (!paused.contains(one.getKey()) && one.getValue() < kafka.log.partition(one.getKey()).end) {
                return true;
            }
        }
        return false;
    }

    /** How long the last poll would have waited for records. */
    Duration lastWait() {
        return lastWait;
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration wait) {
        lastWait = wait;
        for (Runnable callback = callbacks.poll(); callback != null; callback = callbacks.poll()) {
            callback.run();
        }
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new LinkedHashMap<>();
        Map<TopicPartition, OffsetAndMetadata> next = new LinkedHashMap<>();
        int room = client.isCut() ? 0 : mostRecords;
        for (Map.Entry<TopicPartition, Long> one : positions.entrySet()) {
            SimulatedLog.Partition partition = kafka.log.partition(one.getKey());
            if (room > 0 && !paused.contains(one.getKey()) && one.getValue() < partition.end) {
                List<ConsumerRecord<byte[], byte[]>> some = new ArrayList<>();
                int index = partition.indexOf(one.getValue());
                for (; index < partition.entries.size() && some.size() < room; index++) {
                    some.add(record(one.getKey(), partition.entries.get(index)));
                }
                boolean all = index == partition.entries.size();
                one.setValue(all ? partition.end : partition.entries.get(index).offset);
                records.put(one.getKey(), some);
                next.put(one.getKey(), new OffsetAndMetadata(one.getValue()));
                room -= some.size();
            }
        }
        return records.isEmpty() ? ConsumerRecords.empty() : new ConsumerRecords<>(records, next);
    }

    static ConsumerRecord<byte[], byte[]> record(TopicPartition place, SimulatedLog.Entry entry) {
        return new ConsumerRecord<>(
                place.topic(),
                place.partition(),
                entry.offset,
                entry.atMillis,
                TimestampType.LOG_APPEND_TIME,
                entry.key == null ? -1 : entry.key.length,
                entry.value == null ? -1 : entry.value.length,
                entry.key,
                entry.value,
                new RecordHeaders(),
                Optional.empty());
    }

    @Override
    public void assign(Collection<TopicPartition> wanted) {
        positions.keySet().retainAll(wanted);
        paused.retainAll(wanted);
        wanted.forEach(one -> positions.putIfAbsent(one, 0L));
    }

    @Override
    public Set<TopicPartition> assignment() {
        return Set.copyOf(positions.keySet());
    }

    @Override
    public void seek(TopicPartition partition, long offset) {
        positions.put(partition, offset);
    }

    @Override
    public void seekToBeginning(Collection<TopicPartition> some) {
        some.forEach(one -> positions.put(one, 0L));
    }

    @Override
    public long position(TopicPartition partition) {
        return Objects.requireNonNull(positions.get(partition));
    }

    @Override
    public void pause(Collection<TopicPartition> some) {
        paused.addAll(some);
    }

    @Override
    public void resume(Collection<TopicPartition> some) {
        paused.removeAll(some);
    }

    @Override
    public Set<TopicPartition> paused() {
        return new LinkedHashSet<>(paused);
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions, Duration limit) {
        client.call();
        Map<TopicPartition, OffsetAndMetadata> found = new HashMap<>();
        partitions.forEach(one -> found.put(one, kafka.log.partition(one).committed));
        return found;
    }

    @Override
    public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions, Duration limit) {
        if (client.isCut()) {
            throw new TimeoutException("Kafka does not answer");
        }
        Map<TopicPartition, Long> ends = new HashMap<>();
        partitions.forEach(one -> ends.put(one, kafka.log.partition(one).end));
        return ends;
    }

    @Override
    public void subscribe(Pattern pattern, ConsumerRebalanceListener hears) {
        listener = hears;
        kafka.retriers.join(this);
    }

    @Override
    public ConsumerGroupMetadata groupMetadata() {
        return kafka.retriers.metadata(id, generation);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public void assigned(List<TopicPartition> fresh, int of) {
        callbacks.add(() -> {
            generation = of;
            fresh.forEach(
                    one -> positions.put(one, kafka.log.partition(one).committed.offset()));
            Objects.requireNonNull(listener).onPartitionsAssigned(fresh);
        });
    }

    @Override
    public void leaving(List<TopicPartition> some, int of, Runnable gone) {
        callbacks.add(() -> {
            generation = of;
            Objects.requireNonNull(listener).onPartitionsRevoked(some);
            forget(some);
            gone.run();
        });
    }

    /** Its group knew it no more. */
    void lost() {
        callbacks.add(() -> {
            List<TopicPartition> had = List.copyOf(positions.keySet());
            Objects.requireNonNull(listener).onPartitionsLost(had);
            forget(had);
        });
    }

    private void forget(Collection<TopicPartition> some) {
        positions.keySet().removeAll(some);
        paused.removeAll(some);
    }
}
