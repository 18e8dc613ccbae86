package org.postroad.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.postroad.deploy.config.Configuration;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.Right;
import org.postroad.schemas.Rights;
import org.postroad.schemas.Topic;
import org.postroad.schemas.Topics;

/** Topics and users of the manifests are what the tables in the code say; with -Dregenerate they are made to. */
class KafkaObjectsTest {
    private static final String HOW = "made anew by: mvn -Dquick -pl deploy -am test -Dtest=KafkaObjectsTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dregenerate";
    private static final Path TOPICS = Manifests.DIRECTORY.resolve("overlays/production/kafka-topics.yaml");
    private static final Path USERS = Manifests.DIRECTORY.resolve("base/kafka-users.yaml");

    /** What they may is what the command may as well. */
    private static final Map<KafkaUser, KafkaUser> DRY_RUNS = Map.of(
            KafkaUser.REPLAY_DRY_RUN, KafkaUser.REPLAY,
            KafkaUser.REPLAY_WAITING_DRY_RUN, KafkaUser.REPLAY_WAITING,
            KafkaUser.FLUSH_DRY_RUN, KafkaUser.FLUSH,
            KafkaUser.RELEASE_DRY_RUN, KafkaUser.RELEASE,
            KafkaUser.BOUNCE_DRY_RUN, KafkaUser.BOUNCE,
            KafkaUser.DROP_DRY_RUN, KafkaUser.DROP);

    private final Topics topics =
            Configuration.load(Manifests.settings("production"), Map.of()).topics(Topics.Size.CLUSTER);

    private static void compare(Path file, String wanted) throws IOException {
        if (System.getProperty("regenerate") != null) {
            Files.writeString(file, wanted);
        }
        assertThat(Files.readString(file)).as("%s, %s", file, HOW).isEqualTo(wanted);
    }

    @Test
    void theTopicsAreThoseOfTheTable() throws IOException {
        List<String> objects = new ArrayList<>();
        for (Topic topic : topics.all()) {
            Map<String, String> settings = new LinkedHashMap<>(topic.settings());
            settings.put("min.insync.replicas", "2");
            settings.put("unclean.leader.election.enable", "false");
            StringBuilder object = new StringBuilder(head("KafkaTopic", topic.name()));
            object.append("spec:\n  partitions: ").append(topic.partitions()).append("\n  replicas: 3\n  config:\n");
            settings.forEach((name, value) -> object.append("    ")
                    .append(name)
                    .append(": ")
                    .append(value)
                    .append('\n'));
            objects.add(object.toString());
        }
        compare(
                TOPICS,
                "# The table of topics; a test writes it. Their number of partitions is for ever.\n"
                        + String.join("---\n", objects));
    }

    @Test
    void theUsersHaveTheRightsOfTheTable() throws IOException {
        List<String> objects = Arrays.stream(KafkaUser.values())
                .filter(user -> !DRY_RUNS.containsKey(user))
                .map(this::user)
                .toList();
        compare(
                USERS,
                "# The table of rights in OPERATING, a user for each row; a test writes it. Each has a Secret of its name.\n"
                        + String.join("---\n", objects));
        DRY_RUNS.forEach((dryRun, user) ->
                assertThat(Rights.of(user, topics)).as(user.command()).containsAll(Rights.of(dryRun, topics)));
    }

    private String user(KafkaUser user) {
        Map<ResourcePattern, Set<String>> operations = new LinkedHashMap<>();
        for (Right right : Rights.of(user, topics)) {
            operations.computeIfAbsent(right.on(), on -> new LinkedHashSet<>()).add(right.operationText());
        }
        StringBuilder object = new StringBuilder(head("KafkaUser", name(user)));
        object.append("spec:\n  authentication: {type: tls}\n  authorization:\n    type: simple\n    acls:\n");
        operations.forEach((on, its) -> object.append("      - {resource: ")
                .append(resource(on))
                .append(", operations: [")
                .append(String.join(", ", its))
                .append("]}\n"));
        return object.toString();
    }

    static String name(KafkaUser user) {
        return "postroad-" + user.command().replace(" --", "-").replace(' ', '-');
    }

    private static String resource(ResourcePattern on) {
        String type =
                switch (on.resourceType()) {
                    case TOPIC -> "topic";
                    case GROUP -> "group";
                    case TRANSACTIONAL_ID -> "transactionalId";
                    case CLUSTER -> "cluster";
                    default -> throw new IllegalArgumentException(on.toString());
                };
        if (on.resourceType() == ResourceType.CLUSTER) {
            return "{type: " + type + "}";
        }
        String pattern = on.patternType() == PatternType.PREFIXED ? "prefix" : "literal";
        return "{type: " + type + ", name: " + on.name() + ", patternType: " + pattern + "}";
    }

    private static String head(String kind, String name) {
        return "apiVersion: kafka.strimzi.io/v1\nkind: " + kind + "\nmetadata:\n  name: " + name
                + "\n  labels: {strimzi.io/cluster: postroad}\n";
    }

    /** All that the distribution asks of brokers, but what Strimzi allows nobody to set. */
    @Test
    void theBrokersAreSetAsTheDistributionAsks() throws IOException {
        Properties asked = new Properties();
        try (Reader in =
                Files.newBufferedReader(Manifests.ROOT.resolve("deploy/src/main/dist/etc/brokers.properties"))) {
            asked.load(in);
        }
        Map<String, String> wanted = new TreeMap<>();
        asked.stringPropertyNames().stream()
                .filter(name -> !name.startsWith("broker."))
                .forEach(name -> wanted.put(name, asked.getProperty(name)));
        Manifest kafka = Manifests.of("production").stream()
                .filter(each -> each.id().equals("Kafka/postroad"))
                .findFirst()
                .orElseThrow();
        Map<String, String> set = new TreeMap<>();
        kafka.map("spec.kafka.config").forEach((name, value) -> set.put(name, value.toString()));
        assertThat(set).isEqualTo(wanted);
    }
}
