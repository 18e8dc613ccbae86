package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.command.Commands;
import org.postroad.testkit.ExchangerCertificate;

/** The three listeners that OPERATING shows, as swaks meets them. */
@Tag("interop")
class FrontDoorTest {
    private static final String SECRET = "a secret with spaces";

    private final Path directory;
    private List<Integer> ports = List.of();

    FrontDoorTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void clientsWithTlsAndPasswordsSendToAnybodyAndStrangersToOurDomain() throws Exception {
        try (SmtpSink sink = new SmtpSink()) {
            Path config = configure(sink);
            try (PostroadProcess standalone = PostroadProcess.launch(
                    directory.resolve("node.log"),
                    "standalone",
                    "--config",
                    config.toString(),
                    "--data",
                    directory.resolve("data").toString())) {
                standalone.awaitSaid("SMTP on");
                String[] login = {"-au", "alice", "-ap", SECRET};
                assertThat(swaks(1, "b@anybody.test", with(login, "-tls", "-a", "PLAIN")))
                        .contains(" 250 2.0.0 queued");
                assertThat(swaks(1, "b@anybody.test", with(login, "-tls", "-a", "LOGIN")))
                        .contains(" 250 2.0.0 queued");
                assertThat(swaks(2, "b@anybody.test", with(login, "--tls-on-connect", "-a", "PLAIN")))
                        .contains(" 250 2.0.0 queued");
                assertThat(swaks(0, "b@ours.test", "-tls")).contains(" 250 2.0.0 queued");
                assertThat(swaks(0, "b@ours.test")).contains(" 250 2.0.0 queued");
                sink.await(5);

                assertThat(swaks(0, "b@anybody.test", "-tls")).contains(" 550 5.7.1 ");
                assertThat(swaks(1, "b@ours.test", "-tls")).contains(" 530 5.7.0 ");
                assertThat(swaks(1, "b@ours.test")).contains(" 530 5.7.0 ");
                assertThat(swaks(2, "b@ours.test", "--tls-on-connect", "-a", "PLAIN", "-au", "alice", "-ap", "x"))
                        .contains(" 535 5.7.8 ");
                assertThat(sink.messages()).isEqualTo(5);
            }
        }
    }

    private Path configure(SmtpSink sink) throws Exception {
        ports = StandaloneProcess.freePorts(5);
        Path users = directory.resolve("users");
        assertThat(addUser(users)).isZero();
        assertThat(Commands.run("users", "list", "--file", users.toString()).out())
                .isEqualTo("alice  PLAIN, LOGIN, SCRAM-SHA-256" + System.lineSeparator());
        ExchangerCertificate.VALID.writePem(directory.resolve("server.crt"), directory.resolve("server.key"));
        return Files.writeString(directory.resolve("postroad.yaml"), """
                node: {hostname: door.test, metrics-address: "127.0.0.1:%d"}
                ingress:
                  certificates: [{certificate: %s, private-key: %s}]
                  users-file: %s
                  listeners:
                    - {name: mx, address: "127.0.0.1:%d", tls: starttls, relay-from: [], accept-for: [ours.test]}
                    - {name: submission, address: "127.0.0.1:%d", role: submission, tls: starttls, auth: required, relay-from: []}
                    - {name: submissions, address: "127.0.0.1:%d", role: submission, tls: implicit, auth: required, relay-from: []}
                router: {routes: [{domain: "*", to: ["127.0.0.1:%d"], tls: none}]}
                standalone: {kafka-port: %d}
                """.formatted(
                        ports.get(3),
                        directory.resolve("server.crt"),
                        directory.resolve("server.key"),
                        users,
                        ports.get(0),
                        ports.get(1),
                        ports.get(2),
                        sink.port(),
                        ports.get(4)));
    }

    private static int addUser(Path users) throws Exception {
        Process adding = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.postroad.deploy.Postroad",
                        "users",
                        "add",
                        "alice",
                        "--file",
                        users.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        adding.getOutputStream().write((SECRET + "\n").getBytes(UTF_8));
        adding.getOutputStream().close();
        return adding.waitFor();
    }

    private static String[] with(String[] login, String... more) {
        List<String> all = new ArrayList<>(List.of(more));
        all.addAll(List.of(login));
        return all.toArray(new String[0]);
    }

    private String swaks(int listener, String recipient, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "swaks", "--server", "127.0.0.1:" + ports.get(listener), "--from", "a@a.test", "--to", recipient));
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("LC_ALL", "C.UTF-8");
        return new String(builder.start().getInputStream().readAllBytes(), UTF_8);
    }
}
