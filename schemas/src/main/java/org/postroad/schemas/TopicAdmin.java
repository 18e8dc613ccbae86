package org.postroad.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Makes the topics of the table, and says where a cluster's are weaker than it.
 *
 * <p>Every method blocks, at most about 10 s, and throws {@link UnreachableException} when no broker answers.
 */
public final class TopicAdmin implements AutoCloseable {
    private static final short REPLICAS = 3;
    private static final int MIN_IN_SYNC = 2;

    private final KafkaSettings kafka;
    private final Topics topics;
    private final Admin admin;

    public TopicAdmin(KafkaSettings kafka, Topics topics) {
        this.kafka = kafka;
        this.topics = topics;
        this.admin = Admin.create(kafka.admin("postroad-topics"));
    }

    /** Creates what is missing and commits offset 0 for every group that has none on a partition never used. */
    public List<String> create() {
        boolean cluster = brokers() > 1;
        Set<String> existing = describe().keySet();
        List<String> created = new ArrayList<>();
        for (Topic topic : topics.all()) {
            if (!existing.contains(topic.name()) && create(topic, cluster)) {
                created.add(topic.name());
            }
        }
        commitInitialOffsets();
        return created;
    }

    /** What is missing or weaker than the table, one line each; empty when a node may start. */
    public List<String> check() {
        boolean cluster = brokers() > 1;
        Map<String, TopicDescription> existing = describe();
        List<String> problems = new ArrayList<>();
        Map<String, Config> configs = configs(existing.keySet());
        for (Topic topic : topics.all()) {
            TopicDescription found = existing.get(topic.name());
            if (found == null) {
                problems.add("topic " + topic.name() + " is missing: run 'postroad topics create'");
                continue;
            }
            Config config = Objects.requireNonNull(configs.get(topic.name()));
            weakSettings(topic, config, problems);
            if (cluster && !kafka.allowWeakTopics()) {
                weakReplication(topic, found, config, problems);
            }
        }
        if (problems.isEmpty()) {
            missingOffsets(problems);
        }
        return problems;
    }

    /** Throws {@link UnfitTopicsException} unless {@link #check} finds nothing. */
    public void require() {
        List<String> problems = check();
        if (!problems.isEmpty()) {
            throw new UnfitTopicsException(problems);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }

    private boolean create(Topic topic, boolean cluster) {
        Map<String, String> settings = new HashMap<>(topic.settings());
        if (cluster) {
            settings.put("min.insync.replicas", Integer.toString(MIN_IN_SYNC));
            settings.put("unclean.leader.election.enable", "false");
        }
        short replicas = cluster ? (short) Math.min(REPLICAS, brokers()) : 1;
        NewTopic wanted = new NewTopic(topic.name(), topic.partitions(), replicas).configs(settings);
        try {
            answer(admin.createTopics(List.of(wanted)).all());
            return true;
        } catch (TopicExistsException anotherNodeWasFaster) {
            return false;
        }
    }

    private static void weakSettings(Topic topic, Config config, List<String> problems) {
        topic.settings().forEach((name, wanted) -> {
            String found = value(config, name);
            boolean fits =
                    switch (name) {
                        case "max.message.bytes" -> Long.parseLong(found) >= Long.parseLong(wanted);
                        case "retention.ms", "retention.bytes" ->
                            keepsAtLeast(Long.parseLong(found), Long.parseLong(wanted));
                        case "compression.type" -> true;
                        default -> found.equals(wanted);
                    };
            if (!fits) {
                problems.add("topic " + topic.name() + " has " + name + "=" + found + ", needs " + wanted);
            }
        });
    }

    private static boolean keepsAtLeast(long found, long wanted) {
        return found < 0 || wanted >= 0 && found >= wanted;
    }

    private static void weakReplication(Topic topic, TopicDescription found, Config config, List<String> problems) {
        int replicas = found.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .min()
                .orElse(0);
        if (replicas < REPLICAS) {
            problems.add("topic " + topic.name() + " has " + replicas + " replicas, needs " + REPLICAS);
        }
        if (Integer.parseInt(value(config, "min.insync.replicas")) < MIN_IN_SYNC) {
            problems.add("topic " + topic.name() + " has min.insync.replicas below " + MIN_IN_SYNC);
        }
        if (value(config, "unclean.leader.election.enable").equals("true")) {
            problems.add("topic " + topic.name() + " allows unclean leader election");
        }
    }

    private static String value(Config config, String name) {
        ConfigEntry entry = config.get(name);
        return entry == null || entry.value() == null ? "" : entry.value();
    }

    private void missingOffsets(List<String> problems) {
        for (Topics.GroupReads reads : topics.groups()) {
            List<TopicPartition> missing = partitionsWithoutOffset(reads);
            if (!missing.isEmpty()) {
                problems.add(
                        "group " + reads.group() + " has no offset for " + missing.get(0)
                                + ": a group that starts anywhere mails again or not at all; see 'postroad topics create --help'");
            }
        }
    }

    private List<TopicPartition> partitionsWithoutOffset(Topics.GroupReads reads) {
        Map<TopicPartition, OffsetAndMetadata> committed =
                answer(admin.listConsumerGroupOffsets(reads.group()).partitionsToOffsetAndMetadata());
        return partitions(reads.topics()).stream()
                .filter(partition -> committed.get(partition) == null)
                .toList();
    }

    private void commitInitialOffsets() {
        for (Topics.GroupReads reads : topics.groups()) {
            List<TopicPartition> missing = partitionsWithoutOffset(reads);
            Map<TopicPartition, OffsetAndMetadata> initial = new HashMap<>();
            Map<TopicPartition, Long> ends = ends(missing);
            missing.stream()
                    .filter(partition ->
                            Optional.ofNullable(ends.get(partition)).orElse(-1L) == 0)
                    .forEach(partition -> initial.put(partition, new OffsetAndMetadata(0)));
            if (!initial.isEmpty()) {
                answer(admin.alterConsumerGroupOffsets(reads.group(), initial).all());
            }
        }
    }

    private Map<TopicPartition, Long> ends(List<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> latest =
                partitions.stream().collect(Collectors.toMap(p -> p, p -> OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        answer(admin.listOffsets(latest).all()).forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    private List<TopicPartition> partitions(List<Topic> wanted) {
        Map<String, TopicDescription> existing = describe();
        return wanted.stream()
                .map(topic -> existing.get(topic.name()))
                .filter(Objects::nonNull)
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                .toList();
    }

    private int brokers() {
        return answer(admin.describeCluster().nodes()).size();
    }

    private Map<String, TopicDescription> describe() {
        Map<String, TopicDescription> found = new HashMap<>();
        List<String> names = topics.all().stream().map(Topic::name).toList();
        admin.describeTopics(names).topicNameValues().forEach((name, description) -> {
            try {
                found.put(name, answer(description));
            } catch (UnknownTopicOrPartitionException missing) {
                found.remove(name);
            }
        });
        return found;
    }

    private Map<String, Config> configs(Set<String> names) {
        List<ConfigResource> resources = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        return answer(admin.describeConfigs(resources).all()).entrySet().stream()
                .collect(Collectors.toMap(entry -> entry.getKey().name(), Map.Entry::getValue));
    }

    private <T> T answer(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException timeout) {
                throw new UnreachableException("no Kafka at " + kafka.bootstrapServers(), timeout);
            }
            if (e.getCause() instanceof KafkaException kafkaFailure) {
                throw kafkaFailure;
            }
            throw new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while asking " + kafka.bootstrapServers(), e);
        }
    }
}
