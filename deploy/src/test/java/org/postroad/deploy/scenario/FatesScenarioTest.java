package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.command.Commands;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** One message, three recipients, three fates; and a bounce, its replay, and a ledger that agrees with all of it. */
@Tag("broker")
class FatesScenarioTest {
    private static final Script RECEIVER = Script.accepting()
            .rcptFirst(1, "later@*", "451 4.7.1 Come back later")
            .rcpt("never@*", "550 5.1.1 No such user");

    @Test
    void everyRecipientHasItsOwnFateAndAReplayDeliversOnceWhatWasMended(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = Road.exchanger(RECEIVER);
                Road road = Road.open(directory, exchanger)) {
            String queueId = road.submit(List.of("now@there.test", "later@there.test", "never@there.test"));

            List<ReceivedMail> mails = exchanger.awaitMails(3, Road.PATIENCE);
            assertThat(recipients(mails, "sender@home.test")).containsExactly("now@there.test", "later@there.test");
            assertThat(recipients(mails, "")).containsExactly("sender@home.test");
            ReceivedMail bounce = mails.stream()
                    .filter(mail -> mail.reversePath().isEmpty())
                    .findFirst()
                    .orElseThrow();
            assertThat(bounce.contentText())
                    .contains(
                            "multipart/report",
                            "Final-Recipient: rfc822",
                            "never@there.test",
                            "550 5.1.1 No such user");

            var terms = road.settledLedger();
            assertThat(terms.named())
                    .containsEntry("accepted", 3L)
                    .containsEntry("generated", 1L)
                    .containsEntry("delivered", 3L)
                    .containsEntry("failed", 1L);

            var trace = Commands.run("trace", queueId, "--config", road.configFile());
            assertThat(trace.code()).isZero();
            assertThat(trace.out())
                    .contains(
                            "accepted from sender@home.test",
                            "delivered to now@there.test",
                            "deferred later@there.test until ",
                            "failed for ever never@there.test",
                            "bounce ",
                            "delivered to later@there.test");

            replay(road, exchanger);
        }
    }

    private static void replay(Road road, ScriptedExchanger exchanger) throws Exception {
        exchanger.behave(Script.accepting());
        // A connection keeps the script it was opened under.
        Road.await(() -> exchanger.counts().openConnections(), open -> open == 0);
        String[] replay = {
            "replay", "--from", "failed", "--domain", "there.test", "--config", road.configFile(), "--json"
        };

        var dry = Commands.run(with(replay, "--dry-run"));
        assertThat(dry.out()).contains("\"recipients\":1", "\"dryRun\":true");
        assertThat(road.settledLedger().replayed()).isZero();

        assertThat(Commands.run(replay).out()).contains("\"recipients\":1", "\"skipped\":0");
        List<ReceivedMail> mails = exchanger.awaitMails(4, Road.PATIENCE);
        assertThat(mails.get(3).recipientAddresses()).containsExactly("never@there.test");

        assertThat(Commands.run(replay).out()).contains("\"recipients\":0", "\"skipped\":1");
        var terms = road.settledLedger();
        assertThat(terms.named()).containsEntry("replayed", 1L).containsEntry("delivered", 4L);
        assertThat(exchanger.counts().mails()).isEqualTo(4);
    }

    private static String[] with(String[] args, String more) {
        String[] all = java.util.Arrays.copyOf(args, args.length + 1);
        all[args.length] = more;
        return all;
    }

    private static List<String> recipients(List<ReceivedMail> mails, String reversePath) {
        return mails.stream()
                .filter(mail -> mail.reversePath().equals(reversePath))
                .flatMap(mail -> mail.recipientAddresses().stream())
                .toList();
    }
}
