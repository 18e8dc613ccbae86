package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.demo.SmtpClient;
import org.postroad.deploy.operator.Ledger;

/** Debian's mail tools on both sides of a standalone in a process of its own; they are what users measure with. */
@Tag("interop")
class InteropTest {
    private static final int MESSAGES = 20_000;

    @Test
    void smtpSinkCountsExactlyWhatSmtpSourceSent(@TempDir Path directory) throws Exception {
        try (SmtpSink sink = new SmtpSink();
                StandaloneProcess standalone = standalone(directory, sink)) {
            standalone.start();
            run(
                    "smtp-source",
                    "-d",
                    "-s",
                    "50",
                    "-m",
                    "" + MESSAGES,
                    "-l",
                    "4096",
                    "-t",
                    "to@sink.test",
                    address(standalone));
            sink.await(MESSAGES);
            Ledger.Balance balance = standalone.settledLedger();

            assertThat(sink.messages()).isEqualTo(MESSAGES);
            assertThat(balance.terms().isBalanced()).as("%s", balance).isTrue();
            assertThat(balance.terms().delivered()).isEqualTo(MESSAGES);
            assertThat(standalone.stop()).isZero();
        }
    }

    @Test
    void fortyRecipientsOverSevenDomainsAreSevenTransactions(@TempDir Path directory) throws Exception {
        int messages = 300;
        List<String> recipients = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            recipients.add("reader" + i + "@domain" + i % 7 + ".test");
        }
        try (SmtpSink sink = new SmtpSink();
                StandaloneProcess standalone = standalone(directory, sink)) {
            standalone.start();
            try (SmtpClient client = SmtpClient.connect(standalone.smtp())) {
                for (int i = 0; i < messages; i++) {
                    client.send("sender@source.test", recipients, "Subject: " + i + "\r\n\r\ncontent\r\n");
                }
            }
            sink.await(messages * 7L);
            Ledger.Balance balance = standalone.settledLedger();

            assertThat(sink.messages()).isEqualTo(messages * 7L);
            assertThat(balance.terms().isBalanced()).as("%s", balance).isTrue();
            assertThat(balance.terms().delivered()).isEqualTo(messages * 40L);
        }
    }

    @Test
    void swaksHearsTheQueueIdThatTraceKnows(@TempDir Path directory) throws Exception {
        try (SmtpSink sink = new SmtpSink();
                StandaloneProcess standalone = standalone(directory, sink)) {
            standalone.start();
            String dialog = run("swaks", "--server", address(standalone), "--from", "a@a.test", "--to", "b@b.test");
            Matcher queueId =
                    Pattern.compile("250 2\\.0\\.0 .*([0-9A-HJKMNP-TV-Z]{26})").matcher(dialog);
            assertThat(queueId.find()).as(dialog).isTrue();
            sink.await(1);
            standalone.settledLedger();

            assertThat(run(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            "org.postroad.deploy.Postroad",
                            "trace",
                            "--config",
                            standalone.configFile().toString(),
                            queueId.group(1)))
                    .contains("accepted from a@a.test for b@b.test")
                    .contains("delivered to b@b.test");
        }
    }

    private static StandaloneProcess standalone(Path directory, SmtpSink sink) throws IOException {
        return new StandaloneProcess(
                directory, "[{domain: \"*\", to: [\"127.0.0.1:" + sink.port() + "\"], tls: none}]", "[1s, 5s]");
    }

    private static String address(StandaloneProcess standalone) {
        return "127.0.0.1:" + standalone.smtp().getPort();
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor())
                .as("%s: %s", String.join(" ", command), said)
                .isZero();
        return said;
    }
}
