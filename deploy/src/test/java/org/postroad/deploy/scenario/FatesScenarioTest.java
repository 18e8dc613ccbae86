package org.postroad.deploy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.deploy.command.Commands;
import org.postroad.deploy.operator.Terms;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** One message, three recipients, three fates; and a bounce, its replay, and a ledger that agrees with all of it. */
@Tag("broker")
class FatesScenarioTest {
    private static final Script RECEIVER = Script.accepting()
            .rcptFirst(1, "later@*", "451 4.7.1 Come back later")
            .rcpt("never@*", "550 5.1.1 No such user, \"never\"")
            .rcpt("blocked@*", "554-5.7.1 Blocked", "554 5.7.1 by policy");

    @Test
    void everyRecipientHasItsOwnFateAndAReplayDeliversOnceWhatWasMended(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = Road.exchanger(RECEIVER);
                Road road = Road.open(directory, exchanger)) {
            String queueId = road.submit(
                    List.of("now@there.test", "later@there.test", "never@there.test", "blocked@there.test"));

            Terms terms = road.settledLedger();
            List<ReceivedMail> mails = exchanger.mails();
            assertThat(recipients(mails, "sender@home.test")).containsExactly("now@there.test", "later@there.test");
            assertThat(Duration.between(arrival(mails, "now@there.test"), arrival(mails, "later@there.test")))
                    .isGreaterThanOrEqualTo(Road.FIRST_DELAY);
            assertThat(recipients(mails, "")).containsOnly("sender@home.test");
            List<BounceText> bounces = mails.stream()
                    .filter(mail -> mail.reversePath().isEmpty())
                    .map(mail -> BounceText.parse(mail.contentText()))
                    .toList();
            assertBounces(bounces);
            assertThat(terms.named())
                    .containsEntry("accepted", 4L)
                    .containsEntry("generated", (long) bounces.size())
                    .containsEntry("delivered", 2L + bounces.size())
                    .containsEntry("failed", 2L);

            var trace = Commands.run("trace", queueId, "--config", road.configFile());
            assertThat(trace.code()).isZero();
            assertThat(trace.out())
                    .contains(
                            "accepted from sender@home.test",
                            "delivered to now@there.test",
                            "deferred later@there.test until ",
                            "failed for ever never@there.test",
                            "failed for ever blocked@there.test",
                            "bounce ",
                            "delivered to later@there.test");

            replay(road, exchanger);
        }
    }

    /** Each refused recipient is named once, by this bounce or that. */
    private static void assertBounces(List<BounceText> bounces) {
        assertThat(bounces).allSatisfy(bounce -> {
            assertThat(bounce.header().get("to")).contains("sender@home.test");
            assertThat(bounce.types()).containsExactly("text/plain", "message/delivery-status", "text/rfc822-headers");
            assertThat(bounce.message()).containsEntry("reporting-mta", "dns; road.test");
            assertThat(bounce.part("text/rfc822-headers")).contains("Subject: scenario");
        });
        List<Map<String, String>> reported =
                bounces.stream().flatMap(bounce -> bounce.recipients().stream()).toList();
        assertThat(reported)
                .extracting(fields -> fields.get("final-recipient"))
                .containsExactlyInAnyOrder("rfc822; never@there.test", "rfc822; blocked@there.test");
        assertThat(reported).allSatisfy(fields -> {
            boolean never = "rfc822; never@there.test".equals(fields.get("final-recipient"));
            assertThat(fields)
                    .containsEntry("action", "failed")
                    .containsEntry("status", never ? "5.1.1" : "5.7.1")
                    .containsEntry(
                            "diagnostic-code",
                            never ? "smtp; 550 5.1.1 No such user, \"never\"" : "smtp; 554 5.7.1 Blocked / by policy");
        });
    }

    private static void replay(Road road, ScriptedExchanger exchanger) throws Exception {
        exchanger.behave(Script.accepting());
        // A connection keeps the script it was opened under.
        Road.await(() -> exchanger.counts().openConnections(), open -> open == 0);
        String[] replay = {"replay", "--from", "failed", "--config", road.configFile(), "--json"};
        String[] never = with(replay, "--domain", "there.test", "--code", "5.1.*");

        var dry = Commands.run(with(never, "--dry-run"));
        assertThat(dry.out()).contains("\"messages\":1", "\"recipients\":1", "\"dryRun\":true");
        assertThat(road.settledLedger().replayed()).isZero();

        int before = exchanger.mails().size();
        assertThat(Commands.run(never).out()).contains("\"recipients\":1", "\"skipped\":0");
        List<ReceivedMail> mails = exchanger.awaitMails(before + 1, Road.PATIENCE);
        assertThat(mails.get(before).recipientAddresses()).containsExactly("never@there.test");
        assertThat(Commands.run(never).out()).contains("\"recipients\":0", "\"skipped\":1");

        String[] all = with(replay, "--all");
        assertThat(Commands.run(all).out()).contains("\"recipients\":1,");
        assertThat(exchanger
                        .awaitMails(before + 2, Road.PATIENCE)
                        .get(before + 1)
                        .recipientAddresses())
                .containsExactly("blocked@there.test");
        assertThat(Commands.run(all).out()).contains("\"recipients\":0,");

        Terms terms = road.settledLedger();
        assertThat(terms.named()).containsEntry("replayed", 2L).containsEntry("delivered", before + 2L);
        assertThat(exchanger.mails()).hasSize(before + 2);
    }

    private static String[] with(String[] args, String... more) {
        return Stream.of(args, more).flatMap(Stream::of).toArray(String[]::new);
    }

    private static Instant arrival(List<ReceivedMail> mails, String recipient) {
        return mails.stream()
                .filter(mail -> mail.recipientAddresses().contains(recipient))
                .findFirst()
                .orElseThrow()
                .receivedAt();
    }

    private static List<String> recipients(List<ReceivedMail> mails, String reversePath) {
        return mails.stream()
                .filter(mail -> mail.reversePath().equals(reversePath))
                .flatMap(mail -> mail.recipientAddresses().stream())
                .toList();
    }
}
