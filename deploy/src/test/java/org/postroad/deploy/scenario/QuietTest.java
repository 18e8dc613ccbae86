package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.demo.SmtpClient;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** A process says one line when it works and one line when it cannot; what else its libraries say is nobody's business. */
@Tag("broker")
class QuietTest {
    @Test
    void aStandaloneSaysWhereItIsAndNothingElseEvenAfterAKill(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                StandaloneProcess standalone = new StandaloneProcess(
                        directory,
                        "[{domain: \"*\", to: [\"127.0.0.1:" + exchanger.port() + "\"], tls: none}]",
                        "[1s, 5s]")) {
            standalone.start();
            submit(standalone);
            exchanger.awaitMails(1, Road.PATIENCE);
            Road.await(standalone::said, said -> said.contains("postroad standalone: SMTP on "));
            standalone.kill();

            standalone.start();
            submit(standalone);
            exchanger.awaitMails(2, Road.PATIENCE);
            Road.await(standalone::said, said -> said.lines().count() >= 2);
            assertThat(standalone.stop()).isZero();

            // Where the tests run in a container, this one is true.
            assertThat(standalone.said().lines().filter(line -> !line.contains("the data directory is not on a disk")))
                    .hasSize(2)
                    .allMatch(line -> line.startsWith("postroad standalone: SMTP on "));
        }
    }

    @Test
    void aRoleWithoutKafkaSaysSoInOneLine(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("absent.yaml"), """
                node: {hostname: a.test, metrics-address: "127.0.0.1:0"}
                kafka: {bootstrap-servers: "127.0.0.1:%d"}
                """.formatted(
                        StandaloneProcess.freePorts(1).get(0)));
        Path log = directory.resolve("log");
        try (PostroadProcess router = PostroadProcess.launch(
                log,
                "router",
                "--config",
                file.toString(),
                "--data",
                directory.resolve("data").toString())) {
            assertThat(router.await()).isEqualTo(3);
            assertThat(router.said())
                    .startsWith("postroad router: no Kafka at 127.0.0.1:")
                    .hasLineCount(1);
        }
    }

    @Test
    void aTakenSmtpPortIsOneLine(@TempDir Path directory) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Path file = Files.writeString(directory.resolve("taken.yaml"), """
                    node: {hostname: a.test, metrics-address: "127.0.0.1:0"}
                    ingress: {listeners: [{name: relay, address: "127.0.0.1:%d"}]}
                    standalone: {kafka-port: 0}
                    """.formatted(taken.getLocalPort()));
            Path log = directory.resolve("log");
            try (PostroadProcess standalone = PostroadProcess.launch(
                    log,
                    "standalone",
                    "--config",
                    file.toString(),
                    "--data",
                    directory.resolve("data").toString())) {
                assertThat(standalone.await()).isEqualTo(2);
                assertThat(standalone.said())
                        .startsWith("postroad standalone: cannot listen on 127.0.0.1:" + taken.getLocalPort())
                        .hasLineCount(1);
            }
        }
    }

    private static void submit(StandaloneProcess standalone) throws Exception {
        try (SmtpClient client = SmtpClient.connect(standalone.smtp())) {
            client.send("a@a.test", List.of("b@b.test"), "Subject: quiet\r\n\r\ncontent\r\n");
        }
    }
}
