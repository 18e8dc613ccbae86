package org.postroad.deploy.observer;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;

/** What the cluster says of the events topic: it is asked, and nobody waits for the answer. */
final class EventsTopic implements AutoCloseable {
    private final Admin admin;
    private final String name;

    /** Which topic it is, since another may have its name, and from where to where each partition is readable. */
    record Extent(String id, Map<TopicPartition, Long> begins, Map<TopicPartition, Long> ends) {
        Set<TopicPartition> partitions() {
            return begins.keySet();
        }
    }

    EventsTopic(Admin admin, String name) {
        this.admin = admin;
        this.name = name;
    }

    /** Fails with a KafkaException when the topic is missing or a partition of it has nobody who could say. */
    CompletableFuture<Extent> extent() {
        return Objects.requireNonNull(
                        admin.describeTopics(List.of(name)).topicNameValues().get(name))
                .toCompletionStage()
                .thenCompose(topic -> offsets(partitions(topic), OffsetSpec.earliest())
                        .thenCombine(
                                offsets(partitions(topic), OffsetSpec.latest()),
                                (begins, ends) -> new Extent(topic.topicId().toString(), begins, ends)))
                .toCompletableFuture();
    }

    /** Where what is committed ends. */
    CompletableFuture<Map<TopicPartition, Long>> ends(Collection<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.latest());
    }

    private List<TopicPartition> partitions(TopicDescription topic) {
        return topic.partitions().stream()
                .map(partition -> new TopicPartition(name, partition.partition()))
                .toList();
    }

    private CompletableFuture<Map<TopicPartition, Long>> offsets(
            Collection<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        partitions.forEach(partition -> wanted.put(partition, spec));
        return admin.listOffsets(
                        wanted,
                        new org.apache.kafka.clients.admin.ListOffsetsOptions(
                                org.apache.kafka.common.IsolationLevel.READ_COMMITTED))
                .all()
                .toCompletionStage()
                .thenApply(found -> {
                    Map<TopicPartition, Long> offsets = new HashMap<>();
                    found.forEach((partition, offset) -> offsets.put(partition, offset.offset()));
                    return offsets;
                })
                .toCompletableFuture();
    }

    @Override
    public void close() {
        admin.close(java.time.Duration.ZERO);
    }
}
