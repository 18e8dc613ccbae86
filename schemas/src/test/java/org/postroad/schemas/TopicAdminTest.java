package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;

@Tag("broker")
class TopicAdminTest {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void startBroker(@TempDir Path data) throws Exception {
        broker = EmbeddedBroker.start(data, 0);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void createsTheTableOnceWithInitialOffsets() {
        try (TopicAdmin admin = admin("create.")) {
            assertThat(admin.check()).isNotEmpty().allMatch(problem -> problem.contains("is missing"));
            assertThatThrownBy(admin::require).isInstanceOf(UnfitTopicsException.class);
            assertThat(admin.create()).hasSize(topics("create.").all().size());
            assertThat(admin.create()).isEmpty();
            assertThat(admin.check()).isEmpty();
            admin.require();
        }
    }

    @Test
    void namesWhatIsWeakerThanTheTable() throws Exception {
        try (TopicAdmin admin = admin("weak.");
                Admin kafka = Admin.create(kafka("weak.").admin("test"))) {
            admin.create();
            set(kafka, "weak.inbound", "retention.ms", "1000");
            set(kafka, "weak.control", "cleanup.policy", "delete");
            assertThat(admin.check())
                    .containsExactlyInAnyOrder(
                            "topic weak.inbound has retention.ms=1000, needs -1",
                            "topic weak.control has cleanup.policy=delete, needs compact");
        }
    }

    @Test
    void theRoutersChangelogIsCheckedLikeTheRest() throws Exception {
        String changelog = topics("parked.").parkedChangelog().name();
        try (TopicAdmin admin = admin("parked.");
                Admin kafka = Admin.create(kafka("parked.").admin("test"))) {
            admin.create();
            // Whatever its times are, as a router made it: nothing in it is deleted for its age.
            set(kafka, changelog, "message.timestamp.type", "CreateTime");
            set(kafka, changelog, "retention.ms", "604800000");
            assertThat(admin.check()).isEmpty();
            set(kafka, changelog, "cleanup.policy", "compact,delete");
            set(kafka, changelog, "max.message.bytes", "1000");
            assertThat(admin.check())
                    .containsExactlyInAnyOrder(
                            "topic " + changelog + " has cleanup.policy=compact,delete, needs compact",
                            "topic " + changelog + " has max.message.bytes=1000, needs 1048576");
            kafka.deleteTopics(List.of(changelog)).all().get();
            assertThat(admin.check())
                    .containsExactly("topic " + changelog + " is missing: run 'postroad topics create'");
            kafka.createTopics(List.of(new NewTopic(changelog, 7, (short) 1)
                            .configs(Map.of("cleanup.policy", "compact", "max.message.bytes", "1048576"))))
                    .all()
                    .get();
            // The broker that answers hears of it a little after the controller.
            long created = System.nanoTime();
            while (admin.check().toString().contains("is missing")) {
                assertThat(System.nanoTime() - created).isLessThan(TimeUnit.MINUTES.toNanos(1));
            }
            assertThat(admin.check())
                    .containsExactly(
                            "topic " + changelog + " has 7 partitions, needs 4: one for each task of the router");
        }
    }

    @Test
    void theChangelogFitsTopicsThatAnOperatorMade() throws Exception {
        try (TopicAdmin admin = admin("own.");
                Admin kafka = Admin.create(kafka("own.").admin("test"))) {
            kafka.createTopics(List.of(
                            new NewTopic("own.inbound", 9, (short) 1)
                                    .configs(topics("own.").inbound().settings()),
                            new NewTopic("own.again", 9, (short) 1)
                                    .configs(topics("own.").again().settings())))
                    .all()
                    .get();
            admin.create();
            assertThat(admin.check()).isEmpty();
            assertThat(kafka.describeTopics(List.of("own.router-parked-changelog"))
                            .allTopicNames()
                            .get()
                            .values())
                    .singleElement()
                    .satisfies(found -> assertThat(found.partitions()).hasSize(9));
        }
    }

    /** The router reads dead letters in the same tasks as mail, since both write events. */
    @Test
    void theChangelogFitsDeadLettersThatHaveMorePartitionsThanMail() throws Exception {
        try (TopicAdmin admin = admin("dead.");
                Admin kafka = Admin.create(kafka("dead.").admin("test"))) {
            kafka.createTopics(List.of(new NewTopic("dead.failed", 9, (short) 1)
                            .configs(topics("dead.").failed().settings())))
                    .all()
                    .get();
            while (!kafka.listTopics().names().get().contains("dead.failed")) {
                Thread.onSpinWait(); // the controller knows it first
            }
            admin.create();
            assertThat(admin.check()).isEmpty();
            assertThat(kafka.describeTopics(List.of("dead.router-parked-changelog"))
                            .allTopicNames()
                            .get()
                            .values())
                    .singleElement()
                    .satisfies(found -> assertThat(found.partitions()).hasSize(9));
        }
    }

    @Test
    void aPartitionInUseWithoutOffsetIsNotGivenOne() throws Exception {
        Topics topics = topics("lost.");
        try (TopicAdmin admin = admin("lost.");
                Admin kafka = Admin.create(kafka("lost.").admin("test"))) {
            admin.create();
            new ControlTopic(kafka("lost."), topics, new KnownSchemas()).publishSchemas();
            fill(topics.outbound().name());
            kafka.deleteConsumerGroups(List.of(topics.delivererGroup())).all().get();
            admin.create();
            assertThat(admin.check()).singleElement().asString().contains("group lost.deliverer has no offset for");
        }
    }

    @Test
    void saysInTimeThatNobodyAnswers() {
        KafkaSettings nowhere = KafkaSettings.local("127.0.0.1:1");
        try (TopicAdmin admin = new TopicAdmin(nowhere, topics("x."))) {
            assertThatThrownBy(admin::check)
                    .isInstanceOf(UnreachableException.class)
                    .hasMessage("no Kafka at 127.0.0.1:1");
        }
    }

    @Test
    void schemasOfOneNodeAreLearnedByAnother() throws Exception {
        Topics topics = topics("schemas.");
        try (TopicAdmin admin = admin("schemas.")) {
            admin.create();
        }
        KnownSchemas newer = new KnownSchemas();
        new ControlTopic(kafka("schemas."), topics, newer).publishSchemas();
        ControlTopic control = new ControlTopic(kafka("schemas."), topics, new KnownSchemas());
        assertThat(control.read()).hasSize(KnownSchemas.ROOTS.size());

        Policy hold = new Policy("hold", "a.test", Map.of("until", "released"), "test", "me", 1L);
        control.write(List.of(hold));
        control.publishSchemas();
        assertThat(control.read()).hasSize(KnownSchemas.ROOTS.size() + 1).containsEntry("hold:a.test", hold);

        control.write(List.of(
                new Policy("schema", "none", Map.of(), "", "", 1L),
                new Policy("schema", "bad", Map.of("schema", "{"), "", "", 1L)));
        assertThat(control.read()).hasSize(KnownSchemas.ROOTS.size() + 3);
    }

    private static void fill(String topic) throws Exception {
        try (org.apache.kafka.clients.producer.KafkaProducer<byte[], byte[]> producer =
                new org.apache.kafka.clients.producer.KafkaProducer<>(kafka("").producer("test"))) {
            producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>(topic, 0, null, new byte[1]))
                    .get();
        }
    }

    private static void set(Admin kafka, String topic, String name, String value) throws Exception {
        kafka.incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    private static TopicAdmin admin(String prefix) {
        return new TopicAdmin(kafka(prefix), topics(prefix));
    }

    private static Topics topics(String prefix) {
        return new Topics(prefix, Topics.Size.STANDALONE, List.of(Duration.ofSeconds(30)), Duration.ofDays(5));
    }

    private static KafkaSettings kafka(String prefix) {
        return new KafkaSettings(broker.bootstrapServers(), prefix, Map.of(), false);
    }
}
