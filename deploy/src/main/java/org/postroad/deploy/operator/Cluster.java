package org.postroad.deploy.operator;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UnreachableException;

/**
 * The cluster as operators ask it: which topics of ours exist, how far they reach, how far each group is.
 *
 * <p>Every method blocks, at most about 20 s, and throws {@link UnreachableException} when no broker answers.
 */
public final class Cluster implements AutoCloseable {
    private final KafkaSettings kafka;
    private final Topics topics;
    private final Admin admin;

    public Cluster(KafkaSettings kafka, Topics topics) {
        this.kafka = kafka;
        this.topics = topics;
        this.admin = Admin.create(kafka.admin("postroad-operator"));
    }

    public KafkaSettings kafka() {
        return kafka;
    }

    public Topics topics() {
        return topics;
    }

    /** Every topic of ours, those of removed retry delays and the router's changelogs among them. */
    public Set<String> topicNames() {
        String prefix = kafka.topicPrefix();
        return answer(admin.listTopics().names()).stream()
                .filter(name -> name.startsWith(prefix))
                .collect(Collectors.toSet());
    }

    /** Offsets of all groups and all ends, as near to one moment as a cluster allows. */
    public Cut cut() {
        List<TopicPartition> partitions = partitions(topicNames());
        Map<TopicPartition, Long> begins = offsets(partitions, OffsetSpec.earliest());
        return new Cut(
                begins,
                offsets(partitions, OffsetSpec.latest()),
                committed(topics.routerGroup()),
                committed(topics.delivererGroup()),
                committed(topics.retryGroup()));
    }

    public List<TopicPartition> partitions(Collection<String> names) {
        return answer(admin.describeTopics(names).allTopicNames()).values().stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                .toList();
    }

    /** Committed records only: an end is where the first open producer transaction begins. */
    public Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> asked =
                partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> spec));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        answer(admin.listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                        .all())
                .forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }

    /** What a group has committed, without what a producer transaction has yet to decide. */
    public Map<TopicPartition, OffsetAndMetadata> committed(String group) {
        ListConsumerGroupOffsetsOptions stable = new ListConsumerGroupOffsetsOptions().requireStable(true);
        Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
        answer(admin.listConsumerGroupOffsets(group, stable).partitionsToOffsetAndMetadata())
                .forEach((partition, offset) -> {
                    if (offset != null) {
                        committed.put(partition, offset);
                    }
                });
        return committed;
    }

    /** Deletes what lies before an offset of each partition. */
    public void deleteBefore(Map<TopicPartition, Long> offsets) {
        Map<TopicPartition, RecordsToDelete> asked = new HashMap<>();
        offsets.forEach((partition, offset) -> asked.put(partition, RecordsToDelete.beforeOffset(offset)));
        answer(admin.deleteRecords(asked).all());
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }

    private <T> T answer(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException timeout) {
                throw new UnreachableException("no Kafka at " + kafka.bootstrapServers(), timeout);
            }
            throw e.getCause() instanceof KafkaException failure ? failure : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while asking " + kafka.bootstrapServers(), e);
        }
    }
}
