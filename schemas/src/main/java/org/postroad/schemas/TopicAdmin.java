package org.postroad.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the topics of the table, and says where a cluster's are weaker than it.
 *
 * <p>Every method blocks, at most about 10 s, and throws {@link UnreachableException} when no broker answers.
 */
public final class TopicAdmin implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicAdmin.class);
    private static final short REPLICAS = 3;
    private static final int MIN_IN_SYNC = 2;
    private static final Duration PROPAGATION = Duration.ofSeconds(30);
    private static final int FIRST_QUESTION_MILLIS = 60_000; // a new cluster makes its offsets topic for it

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
        // Asked first: a new cluster makes its offsets topic for the question, and our topics meanwhile.
        KafkaFuture<Map<String, Map<TopicPartition, OffsetAndMetadata>>> committed = askCommitted();
        int brokers = brokers();
        Map<String, TopicDescription> existing = describe();
        List<Topic> missing = topics.all().stream()
                .filter(topic -> !existing.containsKey(topic.name()))
                .map(topic -> fitting(topic, existing))
                .toList();
        List<String> created = missing.isEmpty() ? List.of() : create(missing, brokers);
        onceKnown(() -> commitInitialOffsets(describeAll(), answer(committed)));
        return created;
    }

    /** What is missing or weaker than the table, one line each; empty when a node may start. */
    public List<String> check() {
        KafkaFuture<Map<String, Map<TopicPartition, OffsetAndMetadata>>> committed = askCommitted();
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
                fewPartitions(topic, found, problems);
                weakReplication(topic, found, config, problems);
            }
        }
        if (cluster && !kafka.allowWeakTopics()) {
            unequalSources(existing, problems);
        }
        unfitChangelog(existing, problems);
        if (problems.isEmpty()) {
            missingOffsets(existing, answer(committed), problems);
        }
        return problems;
    }

    /**
     * What several brokers' settings could be better, one line each, or one that says why that is not known; nothing of a single
     * broker.
     */
    public List<String> advice() {
        List<ConfigResource> brokers = answer(admin.describeCluster().nodes()).stream()
                .map(node -> new ConfigResource(ConfigResource.Type.BROKER, node.idString()))
                .toList();
        if (brokers.size() < 2) {
            return List.of();
        }
        try {
            return BrokerAdvice.of(answer(admin.describeConfigs(brokers).all()).values().stream()
                    .<Function<String, String>>map(config -> setting -> value(config, setting))
                    .toList());
        } catch (KafkaException notTold) {
            return List.of(BrokerAdvice.unknown(notTold));
        }
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

    /** All in one call: each call waits for the controller's log. */
    private List<String> create(List<Topic> missing, int brokers) {
        List<NewTopic> wanted =
                missing.stream().map(topic -> wanted(topic, brokers)).toList();
        List<String> created = new ArrayList<>();
        Set<String> refused = new HashSet<>();
        admin.createTopics(wanted).values().forEach((name, creation) -> {
            try {
                answer(creation);
                created.add(name);
            } catch (TopicExistsException anotherNodeWasFaster) {
                created.remove(name);
            } catch (TopicAuthorizationException e) {
                refused.add(name); // the answer does not name it
            }
        });
        if (!refused.isEmpty()) {
            throw new TopicAuthorizationException(refused);
        }
        return created;
    }

    private static NewTopic wanted(Topic topic, int brokers) {
        Map<String, String> settings = new HashMap<>(topic.settings());
        if (brokers > 1) {
            settings.put("min.insync.replicas", Integer.toString(MIN_IN_SYNC));
            settings.put("unclean.leader.election.enable", "false");
        }
        return new NewTopic(topic.name(), topic.partitions(), (short) Math.min(REPLICAS, brokers)).configs(settings);
    }

    /** The changelog has a partition for each task of the router, however many partitions an operator gave what those read. */
    private Topic fitting(Topic topic, Map<String, TopicDescription> existing) {
        return topic.equals(topics.parkedChangelog())
                ? new Topic(topic.name(), tasks(existing), topic.retention(), topic.compacted())
                : topic;
    }

    /** Of the router: one for each partition of what it reads, dead letters too, of that which has most. */
    private int tasks(Map<String, TopicDescription> existing) {
        int mail = Math.max(count(topics.inbound(), existing), count(topics.again(), existing));
        return Math.max(mail, count(topics.failed(), existing));
    }

    /** How many partitions it has; of one that is still to be made, how many it will have. */
    private static int count(Topic topic, Map<String, TopicDescription> existing) {
        TopicDescription found = existing.get(topic.name());
        return found == null ? topic.partitions() : found.partitions().size();
    }

    /** More are an operator's choice; fewer are a mistake that can never be mended once there is mail. */
    private void fewPartitions(Topic topic, TopicDescription found, List<String> problems) {
        int count = found.partitions().size();
        if (count < topic.partitions() && !topic.equals(topics.parkedChangelog())) {
            problems.add("topic " + topic.name() + " has " + count + " partitions, needs " + topic.partitions());
        }
    }

    private void unequalSources(Map<String, TopicDescription> existing, List<String> problems) {
        int inbound = count(topics.inbound(), existing);
        int again = count(topics.again(), existing);
        if (inbound != again) {
            problems.add("topics " + topics.inbound().name() + " and "
                    + topics.again().name() + " have " + inbound + " and " + again
                    + " partitions, need the same number: each task of the router reads one of both");
        }
    }

    /** Streams stops for good when its changelog does not fit what it reads; here it is said before anything is started. */
    private void unfitChangelog(Map<String, TopicDescription> existing, List<String> problems) {
        TopicDescription changelog = existing.get(topics.parkedChangelog().name());
        int tasks = tasks(existing);
        if (changelog != null && changelog.partitions().size() != tasks) {
            problems.add("topic " + changelog.name() + " has "
                    + changelog.partitions().size() + " partitions, needs " + tasks
                    + ": one for each task of the router");
        }
    }

    /** What was made by a router has the times that Streams gives it, and nothing compacted is deleted for its age. */
    private boolean mattersTo(Topic topic, String setting) {
        return !topic.equals(topics.parkedChangelog())
                || setting.equals("cleanup.policy")
                || setting.equals("max.message.bytes");
    }

    private void weakSettings(Topic topic, Config config, List<String> problems) {
        topic.settings().forEach((name, wanted) -> {
            if (!mattersTo(topic, name)) {
                return;
            }
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

    private void missingOffsets(
            Map<String, TopicDescription> existing,
            Map<String, Map<TopicPartition, OffsetAndMetadata>> committed,
            List<String> problems) {
        for (Topics.GroupReads reads : topics.groups()) {
            List<TopicPartition> missing = withoutOffset(reads, existing, committed);
            if (!missing.isEmpty()) {
                problems.add(
                        "group " + reads.group() + " has no offset for " + missing.get(0)
                                + ": a group that starts anywhere mails again or not at all; see 'postroad topics create --help'");
            }
        }
    }

    private KafkaFuture<Map<String, Map<TopicPartition, OffsetAndMetadata>>> askCommitted() {
        Map<String, ListConsumerGroupOffsetsSpec> groups = topics.groups().stream()
                .collect(Collectors.toMap(Topics.GroupReads::group, reads -> new ListConsumerGroupOffsetsSpec()));
        return admin.listConsumerGroupOffsets(
                        groups, new ListConsumerGroupOffsetsOptions().timeoutMs(FIRST_QUESTION_MILLIS))
                .all();
    }

    private static List<TopicPartition> withoutOffset(
            Topics.GroupReads reads,
            Map<String, TopicDescription> existing,
            Map<String, Map<TopicPartition, OffsetAndMetadata>> committed) {
        Map<TopicPartition, OffsetAndMetadata> its = committed.getOrDefault(reads.group(), Map.of());
        return partitions(reads.topics(), existing).stream()
                .filter(partition -> its.get(partition) == null)
                .toList();
    }

    private void commitInitialOffsets(
            Map<String, TopicDescription> existing, Map<String, Map<TopicPartition, OffsetAndMetadata>> committed) {
        List<KafkaFuture<Void>> commits = new ArrayList<>();
        for (Topics.GroupReads reads : topics.groups()) {
            List<TopicPartition> missing = withoutOffset(reads, existing, committed);
            Map<TopicPartition, Long> ends = missing.isEmpty() ? Map.of() : ends(missing);
            Map<TopicPartition, OffsetAndMetadata> initial = missing.stream()
                    .filter(partition ->
                            Optional.ofNullable(ends.get(partition)).orElse(-1L) == 0)
                    .collect(Collectors.toMap(partition -> partition, partition -> new OffsetAndMetadata(0)));
            if (!initial.isEmpty()) {
                commits.add(
                        admin.alterConsumerGroupOffsets(reads.group(), initial).all());
            }
        }
        for (KafkaFuture<Void> commit : commits) {
            try {
                answer(commit);
            } catch (UnknownMemberIdException running) {
                // Nobody can commit for a group at work; its readers start a partition never written at 0 themselves.
                LOG.atInfo().log("a running group takes the new partitions by itself");
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

    private static List<TopicPartition> partitions(List<Topic> wanted, Map<String, TopicDescription> existing) {
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

    /** Every topic of the table; throws while one is not known. */
    private Map<String, TopicDescription> describeAll() {
        return answer(
                admin.describeTopics(topics.all().stream().map(Topic::name).toList())
                        .allTopicNames());
    }

    /** The controller knows a new topic first and each broker a little later; every call is a round trip. */
    private static void onceKnown(Runnable call) {
        long deadline = System.nanoTime() + PROPAGATION.toNanos();
        while (true) {
            try {
                call.run();
                return;
            } catch (UnknownTopicOrPartitionException notYet) {
                if (System.nanoTime() - deadline > 0) {
                    throw notYet;
                }
            }
        }
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
            throw e.getCause() instanceof KafkaException failure ? failure : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while asking " + kafka.bootstrapServers(), e);
        }
    }
}
