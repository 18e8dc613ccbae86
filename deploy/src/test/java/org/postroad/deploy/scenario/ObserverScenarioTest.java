package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.command.Commands;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.demo.SmtpClient;
import org.postroad.deploy.node.Node;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** What operators ask of a standalone is answered by its observer, and by the topics where there is none, alike. */
@Tag("broker")
class ObserverScenarioTest {
    private static final Script RECEIVER = Script.accepting().rcpt("later@*", "450 4.2.1 Mailbox busy");

    @Test
    void observerAndTopicsAnswerAlike(@TempDir Path directory) throws Exception {
        List<Integer> ports = StandaloneProcess.freePorts(3);
        try (ScriptedExchanger exchanger = Road.exchanger(RECEIVER);
                Node node = Node.standalone(
                        Configuration.load(file(directory, "observed", ports, ports.get(0), exchanger), Map.of()),
                        directory.resolve("data"))) {
            String observed = directory.resolve("observed").toString();
            String alone =
                    file(directory, "alone", ports, ports.get(2), exchanger).toString();
            String queueId;
            try (SmtpClient client = SmtpClient.connect(node.listeners().get(0))) {
                queueId = client.send(
                        "sender@home.test",
                        List.of("now@there.test", "later@there.test"),
                        "Message-ID: <42@home.test>\r\nSubject: seen\r\n\r\nHello\r\n");
            }
            Road.await(
                    () -> Commands.run("why", queueId, "--config", observed).out(),
                    why -> why.contains("now@there.test has it: delivered at ")
                            && why.contains("later@there.test was not taken at "));
            for (String config : List.of(observed, alone)) {
                assertThat(said("why", queueId, "--config", config))
                        .contains("450 4.2.1 Mailbox busy; it is tried next at ", "delivered at ");
                assertThat(said("trace", queueId, "--config", config))
                        .contains(
                                "accepted from sender@home.test",
                                "deferred later@there.test",
                                "now  ",
                                "waiting until");
                assertThat(said("trace", "--message-id", "<42@home.test>", "--config", config))
                        .contains("accepted from sender@home.test", "deferred later@there.test");
                assertThat(said("trace", "--recipient", "LATER@there.test", "--since", "1h", "--config", config))
                        .contains("accepted from sender@home.test");
                assertThat(Commands.run("trace", "--recipient", "nobody@there.test", "--config", config)
                                .code())
                        .isEqualTo(1);
                assertThat(said("queue", "--config", config)).contains("there.test", "1 recipients to 1 destinations");
                assertThat(said("queue", "there.test", "--config", config))
                        .contains("1 under way, 0 in flight, 1 waiting", queueId, "later@there.test  deferred until ");
                assertThat(said("queue", "--list", "--code", "4.2.*", "--config", config))
                        .contains(queueId, "450 4.2.1 Mailbox busy");
                assertThat(said("queue", "--list", "--code", "5.*", "--config", config))
                        .contains("nobody is meant");
                assertThat(said("queue", "--json", "--config", config))
                        .contains("\"recipients\":1", "\"waiting\":1", "\"inFlight\":0");
                assertThat(said("queue", "--list", "--class", "system-trouble", "--config", config))
                        .contains(queueId);
                assertThat(said("events", "--event", "deferred", "--json", "--config", config))
                        .contains("\"event\":\"deferred\"", queueId);
            }
            assertThat(said("top", "--count", "2", "--every", "100ms", "--config", observed))
                    .contains("accepted 2 (0.0/s)", "waiting 1", "there.test", "450 4.2.1 Mailbox busy");
            for (String command : List.of("why", "trace")) {
                Commands.Answer unknown = Commands.run(command, "01KAN8Y6Q3WZ5T0V9X2B4C6D8E", "--config", observed);
                assertThat(unknown.code()).isEqualTo(1);
                assertThat(unknown.err()).contains("the observer has no events of it: the topics are read");
            }
            assertThat(said("ledger", "--now", "--config", observed)).contains("the events balance");
            assertThat(Commands.run("ledger", "--now", "--config", alone).code())
                    .isEqualTo(3);
            assertThat(Commands.run("top", "--config", alone).code()).isEqualTo(3);
            assertThat(said("ledger", "--config", observed)).contains("balanced");
        }
    }

    /** Mail goes on, and so do those who ask. */
    @Test
    void aTakenAdminAddressStopsNothing(@TempDir Path directory) throws Exception {
        List<Integer> ports = StandaloneProcess.freePorts(3);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                ScriptedExchanger exchanger = Road.exchanger(RECEIVER);
                Node node = Node.standalone(
                        Configuration.load(file(directory, "taken", ports, taken.getLocalPort(), exchanger), Map.of()),
                        directory.resolve("data"))) {
            assertThat(node.isReady()).isTrue();
        }
    }

    private static String said(String... words) {
        Commands.Answer answer = Commands.run(words);
        assertThat(answer.code()).as(String.join(" ", words) + answer).isZero();
        return answer.out();
    }

    private static Path file(Path directory, String name, List<Integer> ports, int admin, ScriptedExchanger exchanger)
            throws Exception {
        return Files.writeString(directory.resolve(name), """
                node: {hostname: seen.test, metrics-address: "127.0.0.1:0", admin-address: "127.0.0.1:%d"}
                ingress: {listeners: [{name: relay, address: "127.0.0.1:0"}]}
                router: {routes: [{domain: "*", to: ["127.0.0.1:%d"], tls: none}]}
                retry: {tiers: [1m, 5m], schedule: [5m], lifetime: 1h}
                standalone: {kafka-port: %d}
                """.formatted(admin, exchanger.port(), ports.get(1)));
    }
}
