package org.postroad.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.schemas.KafkaSettings;

/** Every command and every role on a cluster that is not there, not prepared, or not as it should be. */
@Tag("long")
class ClusterFaultsTest {
    private static final List<String> READERS = List.of(
            "ledger",
            "trace 01KAN8Y6Q3WZ5T0V9X2B4C6D8E",
            "replay --from failed --all",
            "replay --from failed --all --dry-run");
    private static final List<String> ROLES = List.of("ingress", "router", "deliverer");

    @Test
    void aClusterThatIsNotThereIsThreeInOneLineWithinHalfAMinute(@TempDir Path directory) throws Exception {
        // It takes connections and never answers, which is worse than a closed port.
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            String config = config(directory, "127.0.0.1:" + silent.getLocalPort());
            List<String> commands = new java.util.ArrayList<>(READERS);
            commands.addAll(List.of("topics create", "topics check"));
            ROLES.forEach(role -> commands.add(role + " --data " + directory + "/" + role));

            long begunAt = System.nanoTime();
            commands.parallelStream().forEach(command -> {
                Commands.Answer answer = run(command, config);
                assertThat(answer.code()).as("%s: %s", command, answer).isEqualTo(3);
                assertThat(answer.err())
                        .as(command)
                        .contains("no Kafka at 127.0.0.1:")
                        .hasLineCount(1);
                assertThat(answer.out()).as(command).isEmpty();
                assertThat(System.nanoTime() - begunAt)
                        .as(command)
                        .isLessThan(Duration.ofSeconds(30).toNanos());
            });
        }
    }

    @Test
    void aTopicThatIsMissingOrWeakIsTwoAndNamed(@TempDir Path directory) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("kafka"), 0)) {
            String config = config(directory, broker.bootstrapServers());
            for (String command : READERS) {
                Commands.Answer answer = run(command, config);
                assertThat(answer.code()).as("%s: %s", command, answer).isEqualTo(2);
                assertThat(answer.err())
                        .contains("missing: run 'postroad topics create'")
                        .hasLineCount(1);
            }
            assertRolesRefuse(directory, config, "topic postroad.inbound is missing");

            assertThat(run("topics create", config).code()).isZero();
            shorten(broker.bootstrapServers(), "postroad.outbound");
            assertRolesRefuse(directory, config, "topic postroad.outbound has retention.ms=60000, needs -1");
            assertThat(run("topics check", config))
                    .isEqualTo(
                            new Commands.Answer(2, "topic postroad.outbound has retention.ms=60000, needs -1\n", ""));
            assertThat(run("ledger", config).out()).contains("balanced");
        }
    }

    private static void assertRolesRefuse(Path directory, String config, String why) {
        for (String role : ROLES) {
            Commands.Answer answer = run(role + " --data " + directory + "/" + role, config);
            assertThat(answer.code()).as("%s: %s", role, answer).isEqualTo(2);
            assertThat(answer.err()).startsWith("postroad " + role + ": " + why).hasLineCount(1);
            assertThat(answer.out()).isEmpty();
        }
    }

    private static Commands.Answer run(String command, String config) {
        return Commands.run((command + " --config " + config).split(" "));
    }

    private static String config(Path directory, String bootstrapServers) throws IOException {
        return Files.writeString(directory.resolve("cluster.yaml"), """
                node: {hostname: a.test, metrics-address: "127.0.0.1:0"}
                kafka: {bootstrap-servers: "%s"}
                ingress: {listeners: [{name: relay, address: "127.0.0.1:0"}]}
                """.formatted(bootstrapServers))
                .toString();
    }

    private static void shorten(String bootstrapServers, String topic) throws Exception {
        try (Admin admin = Admin.create(KafkaSettings.local(bootstrapServers).admin("test"))) {
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.TOPIC, topic),
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("retention.ms", "60000"), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
    }
}
