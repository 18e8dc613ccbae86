package org.postroad.deliverer.commit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.delivery.OpenDelivery;

/**
 * The outbound partitions this node owns now, each under a number that no earlier assignment had, and the generation of the group in
 * which it owns them.
 *
 * <p>Kafka fences members of a group, not owners of a partition: only this number tells a completion of ours from one of a time
 * before the partition went away and came back. Confined to the poller's thread.
 */
public final class Assignments {
    private final Map<TopicPartition, OwnedPartition> owned = new LinkedHashMap<>();
    private long lastNumber;
    private @Nullable ConsumerGroupMetadata group;

    /** Under what everything is committed from now on. */
    public void group(ConsumerGroupMetadata now) {
        group = now;
    }

    /** Never asked for before there is something to commit. */
    public ConsumerGroupMetadata group() {
        return Objects.requireNonNull(group);
    }

    public void add(Collection<TopicPartition> partitions) {
        partitions.forEach(partition -> owned.put(partition, new OwnedPartition(partition, ++lastNumber)));
    }

    public void remove(Collection<TopicPartition> partitions) {
        partitions.forEach(owned::remove);
    }

    public Collection<OwnedPartition> all() {
        return owned.values();
    }

    public List<OwnedPartition> where(Predicate<OwnedPartition> wanted) {
        return owned.values().stream().filter(wanted).toList();
    }

    public boolean isEmpty() {
        return owned.isEmpty();
    }

    @Nullable
    public OwnedPartition get(TopicPartition partition) {
        return owned.get(partition);
    }

    /** The partition a delivery came from; null when that assignment has ended. */
    @Nullable
    OwnedPartition of(OpenDelivery delivery) {
        return current(delivery.partition(), delivery.assignment());
    }

    public boolean isCurrent(OutcomeBatch.Share share) {
        return current(share.partition(), share.assignment()) != null;
    }

    public long sum(ToLongFunction<OwnedPartition> of) {
        return owned.values().stream().mapToLong(of).sum();
    }

    public List<TopicPartition> partitions() {
        return new ArrayList<>(owned.keySet());
    }

    private @Nullable OwnedPartition current(TopicPartition partition, long assignment) {
        OwnedPartition found = owned.get(partition);
        return found != null && found.assignment == assignment ? found : null;
    }
}
