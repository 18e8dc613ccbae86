package org.postroad.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTreeTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                          | postroad: a command is needed
            fly                                         | fly
            standalone --nope                           | --nope
            topics                                      | create or check is needed
            config                                      | check or show is needed
            trace                                       | QUEUE-ID
            trace 123                                   | 123 is no queue id
            replay --all                                | --from
            replay --from failed                        | say which mail, or --all
            replay --from rejects --all                 | --from rejects
            replay --from failed --all --domain a.b     | exclude each other
            replay --from failed --reply [              | --reply [ is not a regular expression
            replay --from failed --code x               | --code x
            replay --from failed --since yesterday      | --since yesterday
            replay --from failed --all --rate fast      | --rate fast
            sink                                        | --port
            sink --port 0 --reply-rcpt nonsense         | --reply-rcpt nonsense
            sink --port 0 --delay slowly                | --delay slowly
            replay --from failed --all --limit 0        | --limit 0
            sink --port 0 --address here                | --address here is not a numeric address
            load                                        | --to
            load --to a:b                               | --to a:b is not
            load --to 127.0.0.1:1 --mails 0             | --mails 0
            sink --port 65536                           | --port 65536 is not a port
            demo --mails 0                              | --mails 0
            flush                                       | say which mail, or --all
            flush --all --rate fast                     | --rate fast is not like 100/s
            replay --from held --all --again            | --again is about --from failed
            flush --all --limit 0                       | --limit 0
            release                                     | say which mail, or --all
            flush --domain a.b --all                    | exclude each other
            top --every 10ms                            | --every 100ms or more
            top --every fast                            | --every 100ms or more
            top --count 0                               | --count 1 or more
            bounce                                      | say which mail, or --all
            drop                                        | say which mail, or --all
            job                                         | ID
            job 12                                      | 12 is no job's id
            policy                                      | list, set or unset is needed
            policy set                                  | KEY
            policy set limit                            | limit is not like limit:example.org
            policy set limit:                           | limit: is not like limit:example.org
            policy set shards:a.b x=1                   | shards:a.b: there is no policy of that kind
            policy set hold:a.b                         | a.b is not like domain=example.org
            policy set hold:all x=1                     | x: a hold has no such setting; it has none
            hold                                        | say which mail, or --all
            hold --all --for soon                       | --for soon
            policy set limits:a.b connections=1         | did you mean limit?
            policy set limit:a.b                        | nothing is set; there are connections, idle, messages-per-connection
            policy set limit:a.b conections=1           | did you mean connections?
            policy set limit:a.b until=1                | until: a limit has no such setting
            policy set limit:a.b connections            | wanted is connections=VALUE
            policy set limit:a.b idle=1s idle=2s        | idle is set twice
            policy set limit:a.b connections=0          | connections 0: wanted is a whole number, at least 1
            policy set limit:a.b connections=1 idle=5   | idle 5: wanted is a duration
            policy set limit:a.b connections=1 --for 0s | --for 0s: wanted is more than nothing
            policy set limit:a.b connections=1 --for 2  | --for 2: wanted is a duration
            policy set route:a.b to=                    | wanted is an exchanger
            policy set route:a.b to=x.y,                | wanted is an exchanger
            policy set route:a.b tls=maybe              | one of none, opportunistic, required, verified
            policy set route:a..b to=x.y                | route:a..b: wanted is a domain, or *
            policy set roll-up:* destination=x          | roll-up:*: wanted is a domain
            policy set roll-up:a.b destination=         | destination: wanted is a name
            policy set protocol-log:nobody              | wanted is *, listener=NAME
            policy set protocol-log:* level=1           | level: a protocol-log has no such setting
            policy unset                                | KEY
            policy unset shards:x                       | shards:x: there is no policy of that kind
            policy list --config /no/such.yaml          | /no/such.yaml: no such file
            ledger --config /no/such.yaml               | /no/such.yaml: no such file
            """)
    void aFaultyCommandLineIsOneClearLineAndTwo(String args, String named) {
        Commands.Answer answer = Commands.run(args.isEmpty() ? new String[0] : args.split(" "));
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).contains(named).startsWith("postroad").hasLineCount(1);
        assertThat(answer.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "standalone",
                "ingress",
                "router",
                "deliverer",
                "topics",
                "topics create",
                "topics check",
                "config",
                "config check",
                "config show",
                "demo",
                "sink",
                "load",
                "observer",
                "queue",
                "top",
                "why",
                "events",
                "trace",
                "ledger",
                "replay",
                "flush",
                "release",
                "bounce",
                "drop",
                "jobs",
                "job",
                "policy",
                "policy list",
                "policy set",
                "policy unset",
                "completion"
            })
    void everyHelpEndsInAnExample(String command) {
        Commands.Answer answer = Commands.run((command + " --help").split(" "));
        assertThat(answer.code()).isZero();
        String[] lines = answer.out().strip().split("\n");
        assertThat(lines[lines.length - 2]).isEqualTo("Example:");
        assertThat(lines[lines.length - 1]).contains("postroad " + command.split(" ")[0]);
    }

    @Test
    void theHelpNamesEveryCommand() {
        assertThat(Commands.run("--help").out())
                .contains(
                        "standalone",
                        "ingress",
                        "router",
                        "deliverer",
                        "topics",
                        "config",
                        "demo",
                        "sink",
                        "load",
                        "observer",
                        "queue",
                        "top",
                        "why",
                        "events",
                        "trace",
                        "ledger",
                        "replay",
                        "flush",
                        "release",
                        "bounce",
                        "drop",
                        "jobs",
                        "job",
                        "policy",
                        "completion");
    }

    @Test
    void aBadKeyIsTwo(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("bad.yaml"), "retry: {tier: [1s]}\n");
        for (String command : new String[] {"config check", "standalone", "router", "topics check", "ledger"}) {
            Commands.Answer answer = Commands.run((command + " --config " + file).split(" "));
            assertThat(answer.code()).as(command).isEqualTo(2);
            assertThat(answer.err()).contains("retry.tier: no such key").hasLineCount(1);
        }
    }

    @Test
    void aGoodFileIsOk(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("good.yaml"), "retry: {tiers: [1s]}\n");
        assertThat(Commands.run("config", "check", "--config", file.toString()))
                .isEqualTo(new Commands.Answer(0, "ok\n", ""));
        assertThat(Commands.run("config", "show", "--json", "--config", file.toString())
                        .out())
                .contains("\"tiers\":[\"1s\"]");
    }

    @Test
    void theFileOfTheDistributionIsGood() {
        Commands.Answer answer = Commands.run("config", "check", "--config", "src/main/dist/etc/postroad.yaml");
        assertThat(answer).isEqualTo(new Commands.Answer(0, "ok\n", ""));
    }

    @Test
    void aPortInUseIsTwo(@TempDir Path directory) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Path file = Files.writeString(
                    directory.resolve("taken.yaml"),
                    "node: {hostname: a.test, metrics-address: \"127.0.0.1:" + taken.getLocalPort() + "\"}\n");
            Commands.Answer answer =
                    Commands.run("standalone", "--data", directory + "/data", "--config", file.toString());
            assertThat(answer.code()).isEqualTo(2);
            assertThat(answer.err())
                    .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort(), "node.metrics-address")
                    .hasLineCount(1);
        }
    }

    @Test
    void aTakenKafkaPortIsTwo(@TempDir Path directory) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Path file = Files.writeString(
                    directory.resolve("taken.yaml"),
                    "node: {hostname: a.test, metrics-address: \"127.0.0.1:0\"}\nstandalone: {kafka-port: "
                            + taken.getLocalPort() + "}\n");
            Commands.Answer answer =
                    Commands.run("standalone", "--data", directory + "/data", "--config", file.toString());
            assertThat(answer.code()).isEqualTo(2);
            assertThat(answer.err())
                    .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .hasLineCount(1);
        }
    }

    @Test
    void aDirectoryThatCannotBeUsedIsTwo(@TempDir Path directory) throws IOException {
        Path config = Files.writeString(
                directory.resolve("free.yaml"),
                "node: {hostname: a.test, metrics-address: \"127.0.0.1:0\"}\nstandalone: {kafka-port: 0}\n");
        Path file = Files.createFile(directory.resolve("file"));
        for (String role : new String[] {"standalone", "router", "deliverer"}) {
            for (Path data : new Path[] {file, file.resolve("below")}) {
                Commands.Answer answer = Commands.run(role, "--data", data.toString(), "--config", config.toString());
                assertThat(answer.code()).as("%s on %s: %s", role, data, answer).isEqualTo(2);
                assertThat(answer.err())
                        .startsWith("postroad " + role + ": cannot use " + file)
                        .hasLineCount(1);
            }
        }
    }

    @Test
    void anUnknownHostOfTheClusterIsThree(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(
                directory.resolve("nowhere.yaml"), "kafka: {bootstrap-servers: \"no-such-host.invalid:9092\"}\n");
        Commands.Answer answer = Commands.run("ledger", "--config", file.toString());
        assertThat(answer.code()).isEqualTo(3);
        assertThat(answer.err()).hasLineCount(1);
    }

    @Test
    void aSinkCountsAndEnds() {
        Commands.Answer answer = Commands.run("sink", "--port", "0", "--count", "0", "--json");
        assertThat(answer.code()).isZero();
        assertThat(answer.out()).startsWith("{\"mails\":0,");
    }
}
