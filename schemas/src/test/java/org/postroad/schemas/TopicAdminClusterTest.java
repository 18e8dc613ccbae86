package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.BrokerProcesses;

/** What only several brokers are asked for: copies of everything, the router's changelog too, and enough partitions. */
@Tag("broker")
class TopicAdminClusterTest {
    private final Topics topics =
            new Topics("weak.", Topics.Size.CLUSTER, List.of(Duration.ofSeconds(30)), Duration.ofDays(5));

    @Test
    void copiesAndPartitionsOfEveryTopicAreNamedWhereTheyAreTooFew(@TempDir Path directory) throws Exception {
        try (BrokerProcesses brokers = BrokerProcesses.start(directory)) {
            KafkaSettings strict = new KafkaSettings(brokers.bootstrapServers(), "weak.", Map.of(), false);
            KafkaSettings lenient = new KafkaSettings(brokers.bootstrapServers(), "weak.", Map.of(), true);
            try (Admin kafka = Admin.create(strict.admin("test"));
                    TopicAdmin admin = new TopicAdmin(strict, topics);
                    TopicAdmin weakAllowed = new TopicAdmin(lenient, topics)) {
                kafka.createTopics(List.of(
                                weak(topics.again(), 12),
                                weak(topics.outbound(), 1),
                                weak(topics.parkedChangelog(), 24)))
                        .all()
                        .get();
                admin.create();
                List<String> expected = new ArrayList<>(List.of(
                        "topics weak.inbound and weak.again have 24 and 12 partitions, need the same number: each task of"
                                + " the router reads one of both",
                        "topic weak.again has 12 partitions, needs 24",
                        "topic weak.outbound has 1 partitions, needs 24"));
                for (Topic topic : List.of(topics.again(), topics.outbound(), topics.parkedChangelog())) {
                    expected.add("topic " + topic.name() + " has 1 replicas, needs 3");
                    expected.add("topic " + topic.name() + " has min.insync.replicas below 2");
                    expected.add("topic " + topic.name() + " allows unclean leader election");
                }
                assertThat(admin.check()).containsExactlyInAnyOrderElementsOf(expected);
                assertThat(weakAllowed.check()).isEmpty();
                assertThat(admin.advice()).as("the settings that are advised").isEmpty();
            }
        }
    }

    private static NewTopic weak(Topic topic, int partitions) {
        Map<String, String> settings = new java.util.HashMap<>(topic.settings());
        settings.put("min.insync.replicas", "1");
        settings.put("unclean.leader.election.enable", "true");
        return new NewTopic(topic.name(), partitions, (short) 1).configs(settings);
    }
}
