package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.demo.SmtpClient;
import org.postroad.deploy.operator.Ledger;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** A destination that was dead and is back: its mail comes within seconds, not when it would have been due. */
@Tag("broker")
@Tag("long")
class RecoveryScenarioTest {
    private static final int MAILS = 1_500;
    private static final String UNTRIED = "postroad_deliverer_outcomes_total{outcome=\"untried\",}";

    /** Of all that waits, tried or not: there is no shorter tier. */
    private static final String DELAYS = "[1h]";

    private static final Duration HANG = Duration.ofMinutes(5);

    @Test
    void mailThatWaitsForAnHourArrivesWhenItsDestinationIsBack(@TempDir Path directory) throws Exception {
        int port = StandaloneProcess.freePorts(1).get(0);
        String routes = "[{domain: \"*\", to: [\"127.0.0.1:%d\"], tls: none}]".formatted(port);
        try (StandaloneProcess standalone = new StandaloneProcess(directory, routes, DELAYS)) {
            standalone.start();
            submit(standalone.smtp());
            // The node takes it for dead after some seconds of failed probes, and puts all off but a few.
            Road.await(() -> standalone.metric(UNTRIED), count -> count >= MAILS - 100);
            try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting(), port)) {
                exchanger.awaitMails(MAILS, HANG);
                Ledger.Balance balance = standalone.settledLedger();
                assertThat(balance.terms().isBalanced()).isTrue();
                assertThat(balance.terms().named())
                        .containsEntry("accepted", (long) MAILS)
                        .containsEntry("delivered", (long) MAILS);
                Set<String> recipients = new HashSet<>();
                for (ReceivedMail mail : exchanger.mails()) {
                    recipients.addAll(mail.recipientAddresses());
                }
                assertThat(exchanger.mails()).as("none twice").hasSize(MAILS);
                assertThat(recipients).hasSize(MAILS);
            }
        }
    }

    private static void submit(InetSocketAddress smtp) throws IOException {
        try (SmtpClient client = SmtpClient.connect(smtp)) {
            for (int i = 0; i < MAILS; i++) {
                client.send("sender@home.test", List.of("u" + i + "@dead.test"), "Subject: " + i + "\r\n\r\nHello\r\n");
            }
        }
    }
}
