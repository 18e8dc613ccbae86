package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.demo.SmtpClient;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.TopicScan;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Right;
import org.postroad.schemas.Rights;
import org.postroad.schemas.Topic;
import org.postroad.testkit.Effect;
import org.postroad.testkit.Point;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;
import org.postroad.testkit.ZoneDns;

/** The table of rights on a broker that allows nothing else: it is enough, and none of it is too much. */
@Tag("broker")
@Tag("long")
class RightsTest {
    /** More than a trim is worth. */
    private static final int BULK = 1_100;

    private static final String ELSEWHERE = "no.topic.of.ours";
    private static final Script RECEIVER = Script.accepting()
            .rcptFirst(1, "later*", "451 4.7.1 Come back later")
            .rcpt("never@*", "550 5.1.1 No such user");

    @Test
    void eachRoleAndCommandDoesAllItsWorkWithItsRightsAndAsksForEachOfThem(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(RECEIVER);
                ScriptedExchanger dropping =
                        ScriptedExchanger.start(Script.accepting().at(Point.DOT, Effect.close()));
                ZoneDns dns =
                        ZoneDns.start("$TTL 300\nparked.test. MX 10 mx.parked.test.\nmx.parked.test. A 127.0.0.1\n");
                SecuredCluster cluster = SecuredCluster.embedded(directory)) {
            RecordingAuthorizer.forget();
            RightsScene scene = new RightsScene(directory, cluster, exchanger, dropping, dns);
            for (KafkaUser user : KafkaUser.values()) {
                cluster.grant(user, Rights.of(user, scene.topics));
            }
            createTopics(scene);
            Map<String, KafkaProducer<byte[], byte[]>> dead =
                    leaveOpen(scene, "router-dead", "deliverer-dead", "retry-dead");
            new ControlTopic(cluster.superuser(), scene.topics, new KnownSchemas()).publishSchemas();
            forgetSchemas(scene);

            try (PostroadProcess ingress = scene.start(KafkaUser.INGRESS, "ingress")) {
                forgetSchemas(scene);
                PostroadProcess router = scene.start(KafkaUser.ROUTER, "router");
                goneBeforeItIsSent(scene);
                forgetSchemas(scene);
                PostroadProcess deliverer = scene.start(KafkaUser.DELIVERER, "deliverer");
                try {
                    String queueId = mailOfEveryFate(scene);
                    scene.post("posted@d0.test", "key", "Subject: by HTTP\r\n\r\n");
                    awaitTrimmed(scene);

                    // Mail waits everywhere while the commands look.
                    assertThat(deliverer.stop()).as(deliverer.said()).isZero();
                    long before = scene.end(scene.topics.outbound());
                    scene.submit("again@d0.test", "Subject: it goes on\r\n\r\n");
                    Road.await(() -> scene.end(scene.topics.outbound()), end -> end > before);
                    assertThat(router.stop()).as(router.said()).isZero();
                    scene.submit("again@d1.test", "Subject: it goes on\r\n\r\n");
                    RightsCommands commands = new RightsCommands(scene);
                    commands.whileMailWaits(queueId);
                    try (PostroadProcess observer = scene.start(KafkaUser.OBSERVER, "observer")) {
                        assertThat(observer.isAlive()).isTrue();
                    }

                    // What is parked is restored where a router has lost its directory.
                    router = scene.start(KafkaUser.ROUTER, "router-anew");
                    deliverer = scene.start(KafkaUser.DELIVERER, "deliverer");
                    commands.jobs();
                    scene.releaseMany();
                    awaitEnded(scene, dead.keySet());
                    Road.await(
                            () -> arrived(exchanger, "again@d0.test")
                                    && arrived(exchanger, "again@d1.test")
                                    && arrived(exchanger, "held1000@d0.test"),
                            came -> came);

                    assertThat(denied()).isEmpty();
                    assertThat(unused(scene)).isEmpty();
                    withdrawnWhileTheyRun(scene, ingress, router, deliverer);
                } finally {
                    router.close();
                    deliverer.close();
                }
            } finally {
                dead.values().forEach(producer -> producer.close(Duration.ZERO));
            }
        }
    }

    /** Some of one partition, so that a thousand records are enough for a trim; the rest by the command. */
    private static void createTopics(RightsScene scene) throws Exception {
        List<Topic> narrow = new ArrayList<>(
                List.of(scene.topics.inbound(), scene.topics.again(), scene.topics.outbound(), scene.topics.content()));
        narrow.addAll(scene.topics.retries());
        narrow.add(new Topic(ELSEWHERE, 1, null, false));
        scene.cluster
                .admin()
                .createTopics(narrow.stream()
                        .map(topic -> new NewTopic(topic.name(), 1, (short) 1).configs(topic.settings()))
                        .toList())
                .all()
                .get();
        scene.succeed(KafkaUser.TOPICS_CREATE, "topics", "create");
        assertThat(scene.succeed(KafkaUser.TOPICS_CHECK, "topics", "check")).isEqualTo("ok\n");
    }

    /** As a node does that dies between two commits. */
    private static Map<String, KafkaProducer<byte[], byte[]>> leaveOpen(RightsScene scene, String... names)
            throws Exception {
        Map<String, KafkaProducer<byte[], byte[]>> open = new HashMap<>();
        for (String name : names) {
            String id = scene.topics.transactionalId(name);
            Map<String, Object> settings = scene.cluster.superuser().transactionalProducer(id, id);
            settings.put("transaction.timeout.ms", 60_000);
            KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings);
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(ELSEWHERE, new byte[1])).get();
            open.put(id, producer);
        }
        return open;
    }

    /** Each node publishes its schemas where they are missing, so they are, for each. */
    private static void forgetSchemas(RightsScene scene) throws Exception {
        String control = scene.topics.control().name();
        try (Cluster reading = scene.reading();
                KafkaProducer<byte[], byte[]> writer =
                        new KafkaProducer<>(scene.cluster.superuser().producer("test"))) {
            List<byte[]> keys = new ArrayList<>();
            TopicScan.read(reading.kafka(), reading.committedSpans(control), record -> keys.add(record.key()));
            assertThat(keys).isNotEmpty();
            for (byte[] key : keys) {
                writer.send(new ProducerRecord<>(control, 0, key, null)).get();
            }
        }
    }

    /** Answers the queue id of one with three fates. */
    private static String mailOfEveryFate(RightsScene scene) throws Exception {
        String queueId =
                scene.submit(List.of("now@d0.test", "later@d0.test", "never@d0.test"), "Subject: fates\r\n\r\n");
        scene.submit("unknown@parked.test", "Subject: waits for DNS\r\n\r\n");
        scene.submit("somebody@doubt.test", "Subject: in doubt\r\n\r\n");
        scene.submit("large@d0.test", large());
        Road.await(() -> scene.end(scene.topics.held()), end -> end > 0);
        unreadable(scene);
        try (SmtpClient client = SmtpClient.connect(scene.smtp)) {
            for (int i = 0; i < BULK; i++) {
                client.send(
                        "sender@d0.test",
                        List.of("later-" + i + "@d" + i % RightsScene.DOMAINS + ".test"),
                        "Subject: bulk\r\n\r\n");
            }
        }
        // The bounce, too.
        Road.await(() -> scene.exchanger.counts().mails(), mails -> mails >= BULK + 5);
        assertThat(Stream.of("now@d0.test", "later@d0.test", "unknown@parked.test", "large@d0.test", "sender@d0.test"))
                .allMatch(recipient -> arrived(scene.exchanger, recipient));
        Road.await(
                () -> scene.events(), events -> events.stream().anyMatch(event -> event.contains("\"inDoubt\":true")));
        return queueId;
    }

    /** Mail whose content is deleted is held. */
    private static void goneBeforeItIsSent(RightsScene scene) throws Exception {
        scene.submit("nobody@d1.test", large());
        scene.cluster
                .admin()
                .deleteRecords(
                        Map.of(new TopicPartition(scene.topics.content().name(), 0), RecordsToDelete.beforeOffset(-1)))
                .all()
                .get();
    }

    private static void unreadable(RightsScene scene) throws Exception {
        try (KafkaProducer<byte[], byte[]> writer =
                new KafkaProducer<>(scene.cluster.superuser().producer("test"))) {
            for (Topic topic : List.of(scene.topics.inbound(), scene.topics.outbound())) {
                writer.send(new ProducerRecord<>(topic.name(), 0, null, "no mail".getBytes(UTF_8)))
                        .get();
            }
        }
        Road.await(
                () -> scene.rejected(),
                topics -> topics.containsAll(List.of(
                        scene.topics.inbound().name(), scene.topics.outbound().name())));
    }

    private static void awaitTrimmed(RightsScene scene) throws Exception {
        for (Topic topic : List.of(
                scene.topics.inbound(),
                scene.topics.again(),
                scene.topics.outbound(),
                scene.topics.retry(Duration.ofSeconds(1)))) {
            Road.await(() -> scene.begin(topic), begin -> begin > 0);
        }
    }

    private static void awaitEnded(RightsScene scene, Collection<String> transactionalIds) throws Exception {
        Road.await(
                () -> scene.cluster.admin().describeTransactions(transactionalIds).all().get().values().stream()
                        .map(found -> found.state().toString())
                        .distinct()
                        .toList(),
                states -> !states.contains("Ongoing"));
    }

    /** What was refused, but for what a list of transactions leaves out: those of others. */
    private static List<RecordingAuthorizer.Asked> denied() {
        return RecordingAuthorizer.denied().stream()
                .filter(asked ->
                        asked.type() != ResourceType.TRANSACTIONAL_ID || asked.operation() != AclOperation.DESCRIBE)
                .toList();
    }

    /** Rights without which all would have gone the same way. */
    private static List<String> unused(RightsScene scene) {
        List<String> unused = new ArrayList<>();
        for (KafkaUser user : KafkaUser.values()) {
            List<Right> all = Rights.of(user, scene.topics);
            for (Right right : all) {
                boolean used = RecordingAuthorizer.allowed().stream()
                        .filter(asked -> asked.user().equals(SecuredCluster.name(user)))
                        .filter(asked -> allows(right, asked))
                        .anyMatch(
                                asked -> all.stream().noneMatch(other -> !other.equals(right) && allows(other, asked)));
                if (!used && !right.optional()) {
                    unused.add(user.command() + ": " + right.text());
                }
            }
        }
        return unused;
    }

    private static boolean allows(Right right, RecordingAuthorizer.Asked asked) {
        boolean implied = asked.operation() == AclOperation.DESCRIBE
                && Set.of(AclOperation.READ, AclOperation.WRITE, AclOperation.DELETE)
                        .contains(right.operation());
        return right.covers(asked.type(), asked.name()) && (implied || right.operation() == asked.operation());
    }

    /** A role says in one line what is missing and ends with 3; ingress answers 451 until the right is back. */
    private static void withdrawnWhileTheyRun(
            RightsScene scene, PostroadProcess ingress, PostroadProcess router, PostroadProcess deliverer)
            throws Exception {
        Right write = right(
                scene,
                KafkaUser.INGRESS,
                AclOperation.WRITE,
                scene.topics.inbound().name());
        scene.cluster.withdraw(KafkaUser.INGRESS, write);
        assertThatThrownBy(() -> scene.submit("now@d2.test", "Subject: refused\r\n\r\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("451");
        scene.cluster.grant(KafkaUser.INGRESS, List.of(write));
        Road.await(() -> accepts(scene), accepted -> accepted);
        assertThat(ingress.said())
                .containsOnlyOnce("clients hear 451")
                .contains("postroad.inbound")
                .doesNotContain("\tat ");

        Map<PostroadProcess, Right> ending = Map.of(
                router,
                        right(
                                scene,
                                KafkaUser.ROUTER,
                                AclOperation.READ,
                                scene.topics.inbound().name()),
                deliverer, right(scene, KafkaUser.DELIVERER, AclOperation.READ, scene.topics.delivererGroup()));
        for (Map.Entry<PostroadProcess, Right> one : ending.entrySet()) {
            KafkaUser user = one.getKey() == router ? KafkaUser.ROUTER : KafkaUser.DELIVERER;
            scene.cluster.withdraw(user, one.getValue());
            assertThat(one.getKey().await()).as(one.getKey().said()).isEqualTo(3);
            assertThat(one.getKey().said())
                    .containsOnlyOnce("postroad " + user.command() + ": Kafka does not grant "
                            + one.getValue().text() + "\n")
                    .doesNotContain("\tat ");
            scene.cluster.grant(user, List.of(one.getValue()));
            refusedItsTransactions(scene, user);
        }
    }

    /** What no cluster tells beforehand: the line comes with the first use. */
    private static void refusedItsTransactions(RightsScene scene, KafkaUser role) throws Exception {
        for (Right right : Rights.of(role, scene.topics)) {
            if (right.on().resourceType() != ResourceType.TRANSACTIONAL_ID) {
                continue;
            }
            scene.cluster.withdraw(role, right);
            try (PostroadProcess process = scene.launch(role, role.command())) {
                assertThat(process.await()).as(process.said()).isEqualTo(3);
                assertThat(process.said())
                        .contains("postroad " + role.command() + ": Kafka refuses", right.text())
                        .doesNotContain("\tat ");
            }
            scene.cluster.grant(role, List.of(right));
        }
    }

    private static boolean accepts(RightsScene scene) {
        try {
            scene.submit("now@d2.test", "Subject: kept again\r\n\r\n");
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    private static Right right(RightsScene scene, KafkaUser user, AclOperation operation, String name) {
        return Rights.of(user, scene.topics).stream()
                .filter(right ->
                        right.operation() == operation && right.on().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Too large to travel in its envelope. */
    private static String large() {
        return "Subject: large\r\n\r\n"
                + "0123456789abcdef".repeat(4).concat("\r\n").repeat(1_000);
    }

    private static boolean arrived(ScriptedExchanger exchanger, String recipient) {
        return exchanger.mails().stream()
                .anyMatch(mail -> mail.recipientAddresses().contains(recipient));
    }
}
