package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.BrokerProcesses;
import org.postroad.deploy.command.Commands;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.Right;
import org.postroad.schemas.Rights;
import org.postroad.schemas.TopicAdmin;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;
import org.postroad.testkit.ZoneDns;

/** What each role and command says when one of its rights is not there. */
@Tag("broker")
@Tag("long")
class MissingRightsTest {
    /** Every right of every user in turn: it is missed at the start, or where that cannot be asked, as soon as it would be used. */
    @Test
    void whatIsMissingIsNamedInOneLineAndTheExitCodeIsThree(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                ZoneDns dns = ZoneDns.start("x.test. MX 10 mx.x.test.\n");
                SecuredCluster cluster = SecuredCluster.embedded(directory)) {
            RightsScene scene = new RightsScene(directory, cluster, exchanger, exchanger, dns);
            try (TopicAdmin admin = new TopicAdmin(cluster.superuser(), scene.topics)) {
                admin.create();
            }
            for (KafkaUser user : KafkaUser.values()) {
                List<Right> needed = Rights.of(user, scene.topics).stream()
                        .filter(right -> !right.optional())
                        .toList();
                cluster.grant(user, needed);
                for (Right right : needed) {
                    cluster.withdraw(user, right);
                    if (right.operation() == AclOperation.CREATE) {
                        delete(cluster, scene.topics.rejects().name());
                    }
                    Commands.Answer answer = scene.run(user, words(user, directory));
                    assertThat(answer.code())
                            .as("%s without %s: %s", user, right.text(), answer)
                            .isEqualTo(3);
                    assertThat(answer.err())
                            .as("%s without %s", user, right.text())
                            .startsWith("postroad " + user.command().replaceAll(" --.*", "") + ": Kafka ")
                            .contains(
                                    right.text().replaceAll("s? [^ ]*$", ""),
                                    right.on().name())
                            .hasLineCount(1);
                    cluster.grant(user, List.of(right));
                }
            }
        }
    }

    private static String[] words(KafkaUser user, Path directory) {
        return switch (user) {
            case INGRESS, ROUTER, DELIVERER, OBSERVER ->
                new String[] {
                    user.command(), "--data", directory.resolve(user.command()).toString()
                };
            case TRACE -> new String[] {"trace", "01KAN8Y6Q3WZ5T0V9X2B4C6D8E"};
            case REPLAY, REPLAY_DRY_RUN -> (user.command() + " --from failed --all").split(" ", -1);
            case FLUSH,
                    FLUSH_DRY_RUN,
                    RELEASE,
                    RELEASE_DRY_RUN,
                    BOUNCE,
                    BOUNCE_DRY_RUN,
                    DROP,
                    DROP_DRY_RUN,
                    REPLAY_WAITING,
                    REPLAY_WAITING_DRY_RUN -> (user.command() + " --all --limit 1").split(" ", -1);
            case JOB_CANCEL -> new String[] {"job", "1M8GQZRN1PEJ", "--cancel"};
            case POLICY_SET -> new String[] {"policy", "set", "limit:d0.test", "connections=3"};
            case POLICY_UNSET -> new String[] {"policy", "unset", "limit:d0.test"};
            case TOPICS_CREATE, TOPICS_CHECK, LEDGER, JOBS, POLICY_LIST ->
                user.command().split(" ", -1);
        };
    }

    private static void delete(SecuredCluster cluster, String topic) throws Exception {
        cluster.admin().deleteTopics(List.of(topic)).all().get();
        Road.await(() -> cluster.admin().listTopics().names().get(), names -> !names.contains(topic));
    }

    /** What advice needs is not needed: a node without it says so and works. */
    @Test
    void aRightThatIsOptionalIsMissedInOneLine(@TempDir Path directory) throws Exception {
        String unknown = "the brokers' settings are not known: Kafka does not grant DescribeConfigs on the cluster";
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                ZoneDns dns = ZoneDns.start("x.test. MX 10 mx.x.test.\n");
                SecuredCluster cluster = SecuredCluster.start(
                        StandardAuthorizer.class.getName(),
                        properties -> BrokerProcesses.start(
                                directory.resolve("kafka"),
                                properties,
                                SecuredCluster.clientProperties(SecuredCluster.SUPERUSER)),
                        BrokerProcesses::bootstrapServers)) {
            RightsScene scene = new RightsScene(directory, cluster, exchanger, exchanger, dns);
            try (TopicAdmin admin = new TopicAdmin(cluster.superuser(), scene.topics)) {
                admin.create();
            }
            for (KafkaUser user : List.of(KafkaUser.TOPICS_CHECK, KafkaUser.INGRESS)) {
                cluster.grant(
                        user,
                        Rights.of(user, scene.topics).stream()
                                .filter(right -> !right.optional())
                                .toList());
            }
            assertThat(scene.succeed(KafkaUser.TOPICS_CHECK, "topics", "check"))
                    .isEqualTo("advice: " + unknown + "\nok\n");
            try (PostroadProcess ingress = scene.start(KafkaUser.INGRESS, "ingress")) {
                assertThat(ingress.said()).containsOnlyOnce(unknown).doesNotContain("\tat ");
                scene.submit("now@d0.test", "Subject: it is kept\r\n\r\n");
            }
            cluster.grant(KafkaUser.TOPICS_CHECK, Rights.of(KafkaUser.TOPICS_CHECK, scene.topics));
            Road.await(() -> scene.succeed(KafkaUser.TOPICS_CHECK, "topics", "check"), said -> said.equals("ok\n"));
        }
    }
}
