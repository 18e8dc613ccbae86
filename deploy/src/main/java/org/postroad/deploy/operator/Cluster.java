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
import java.util.stream.Stream;
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
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UnfitTopicsException;
import org.postroad.schemas.UnreachableException;

/**
 * The cluster as operators ask it: which topics of ours exist, how far they reach, how far each group is.
 *
 * <p>Every method blocks, at most about 20 s, and throws {@link UnreachableException} when no broker answers.
 */
public final class Cluster implements AutoCloseable {
    /** Transactions take milliseconds; one that is still open after so many questions belongs to a dead node. */
    private static final int QUESTIONS = 50;

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

    /**
     * Where everybody stands: each group's marks, and after them the ends, so that what a committed offset caused lies before them.
     *
     * <p>The ends are those of what is written, whether decided or not: a commit shows at its group a moment before it shows at
     * the topics it wrote to. Whoever reads to such an end waits until all before it is decided.
     */
    public Cut cut() {
        List<TopicPartition> partitions = partitions(ours());
        Map<TopicPartition, Long> begins = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, OffsetAndMetadata> routed = decided(topics.routerGroup());
        Map<TopicPartition, OffsetAndMetadata> delivered = decided(topics.delivererGroup());
        Map<TopicPartition, OffsetAndMetadata> released = decided(topics.retryGroup());
        return new Cut(begins, writtenEnds(partitions), routed, delivered, released);
    }

    /**
     * The same with one question to each group and committed ends: where a producer transaction is about to move an offset, the one
     * before it, so it may lag and never leads.
     */
    public Cut laggingCut() {
        List<TopicPartition> partitions = partitions(ours());
        return new Cut(
                offsets(partitions, OffsetSpec.earliest()),
                offsets(partitions, OffsetSpec.latest()),
                committed(topics.routerGroup(), false),
                committed(topics.delivererGroup(), false),
                committed(topics.retryGroup(), false));
    }

    /** How far the readers of waiting mail are, with what has left behind their marks; it may lag a moment and never leads. */
    public Map<TopicPartition, OffsetAndMetadata> releasedMarks() {
        return committed(topics.retryGroup(), false);
    }

    /** The committed ends of all topics of ours: everything before them was decided when this was asked. */
    public Map<TopicPartition, Long> committedEnds() {
        return offsets(partitions(ours()), OffsetSpec.latest());
    }

    /** Where the records end that are written, whether decided or not. */
    public Map<TopicPartition, Long> writtenEnds(Collection<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
    }

    /** Throws {@link UnfitTopicsException} when one is missing without which nothing can be told. */
    public void requireTopics() {
        ours();
    }

    private Set<String> ours() {
        Set<String> names = topicNames();
        Stream.of(
                        topics.inbound(),
                        topics.again(),
                        topics.outbound(),
                        topics.held(),
                        topics.failed(),
                        topics.events(),
                        topics.control())
                .filter(topic -> !names.contains(topic.name()))
                .forEach(missing -> {
                    throw missing("topic " + missing.name());
                });
        return names;
    }

    /** The whole of one topic, as far as it is committed. */
    public Map<TopicPartition, Span> committedSpans(String topic) {
        return spans(topic, IsolationLevel.READ_COMMITTED);
    }

    /** The whole of one topic with what is not decided yet: reading it waits for those who still write. */
    public Map<TopicPartition, Span> writtenSpans(String topic) {
        return spans(topic, IsolationLevel.READ_UNCOMMITTED);
    }

    private Map<TopicPartition, Span> spans(String topic, IsolationLevel isolation) {
        List<TopicPartition> partitions = partitions(List.of(topic));
        Map<TopicPartition, Long> begins = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, Span> spans = new HashMap<>();
        offsets(partitions, OffsetSpec.latest(), isolation)
                .forEach((partition, end) -> spans.put(partition, new Span(begins.getOrDefault(partition, 0L), end)));
        return spans;
    }

    public List<TopicPartition> partitions(Collection<String> names) {
        return answer(admin.describeTopics(names).allTopicNames()).values().stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                .toList();
    }

    /** Committed records only: an end is where the first open producer transaction begins. */
    public Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec spec) {
        return offsets(partitions, spec, IsolationLevel.READ_COMMITTED);
    }

    private Map<TopicPartition, Long> offsets(
            Collection<TopicPartition> partitions, OffsetSpec spec, IsolationLevel isolation) {
        Map<TopicPartition, OffsetSpec> asked =
                partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> spec));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        answer(admin.listOffsets(asked, new ListOffsetsOptions(isolation)).all())
                .forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }

    /**
     * What a group has committed. The cluster leaves out the partitions whose offsets a producer transaction is about to move,
     * a few of them at any moment under load, so those are asked for again; what stays undecided is taken as it was before.
     */
    private Map<TopicPartition, OffsetAndMetadata> decided(String group) {
        Map<TopicPartition, OffsetAndMetadata> decided = committed(group, true);
        Map<TopicPartition, OffsetAndMetadata> before = committed(group, false);
        for (int i = 0; i < QUESTIONS && !decided.keySet().containsAll(before.keySet()); i++) {
            committed(group, true).forEach(decided::putIfAbsent);
        }
        before.forEach(decided::putIfAbsent);
        return decided;
    }

    private Map<TopicPartition, OffsetAndMetadata> committed(String group, boolean stable) {
        ListConsumerGroupOffsetsOptions options = new ListConsumerGroupOffsetsOptions().requireStable(stable);
        Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
        answer(admin.listConsumerGroupOffsets(group, options).partitionsToOffsetAndMetadata())
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
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw missing("a topic");
            }
            throw e.getCause() instanceof KafkaException failure ? failure : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while asking " + kafka.bootstrapServers(), e);
        }
    }

    private static UnfitTopicsException missing(String topic) {
        return new UnfitTopicsException(List.of(topic + " is missing: run 'postroad topics create'"));
    }
}
