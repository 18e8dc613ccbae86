package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Reports are sent as the sender asked (RFC 3461), by us or by whoever the mail is handed to. */
@Tag("broker")
class ReportsScenarioTest {
    private static final Script WITHOUT = Script.accepting().rcpt("gone*", "550 5.1.1 No such user");

    @Test
    void reportsAreSentByUsOrByWhoeverOffersTo(@TempDir Path directory) throws Exception {
        try (ScriptedExchanger exchanger = Road.exchanger(WITHOUT);
                Road road = Road.open(directory, exchanger)) {
            submit(
                    road.address(),
                    "MAIL FROM:<sender@home.test> RET=FULL ENVID=QQ+2B314",
                    "RCPT TO:<there@there.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;first+2Bname@old.test",
                    "RCPT TO:<quiet@there.test> NOTIFY=FAILURE",
                    "RCPT TO:<gone@there.test> NOTIFY=FAILURE ORCPT=rfc822;g@old.test",
                    "RCPT TO:<gone2@there.test> NOTIFY=NEVER",
                    "RCPT TO:<gone3@there.test> NOTIFY=SUCCESS,DELAY");
            road.settledLedger();
            List<BounceText> reports = exchanger.awaitMails(3, Road.PATIENCE).stream()
                    .filter(mail -> mail.reversePath().isEmpty())
                    .map(mail -> BounceText.parse(mail.contentText()))
                    .toList();
            assertThat(reports).hasSize(2).allSatisfy(report -> assertThat(report.message())
                    .containsEntry("original-envelope-id", "QQ+314"));
            BounceText relayed = with("relayed", reports);
            assertThat(relayed.recipients()).singleElement().satisfies(fields -> assertThat(fields)
                    .containsEntry("final-recipient", "rfc822; there@there.test")
                    .containsEntry("original-recipient", "rfc822; first+name@old.test")
                    .containsEntry("status", "2.0.0"));
            BounceText failed = with("failed", reports);
            assertThat(failed.recipients()).singleElement().satisfies(fields -> assertThat(fields)
                    .containsEntry("final-recipient", "rfc822; gone@there.test")
                    .containsEntry("original-recipient", "rfc822; g@old.test"));
            assertThat(failed.part("message/rfc822")).contains("Subject: reports\r\n\r\nHello");

            exchanger.behave(WITHOUT.offering("DSN"));
            Road.await(() -> exchanger.counts().openConnections(), open -> open == 0);
            int before = exchanger.mails().size();
            submit(
                    road.address(),
                    "MAIL FROM:<sender@home.test> RET=HDRS ENVID=QQ315",
                    "RCPT TO:<there@there.test> NOTIFY=SUCCESS ORCPT=rfc822;first+2Bname@old.test",
                    "RCPT TO:<other@there.test>");
            ReceivedMail handed =
                    exchanger.awaitMails(before + 1, Road.PATIENCE).get(before);
            assertThat(handed.mailParameters()).contains("RET=HDRS ENVID=QQ315");
            assertThat(handed.recipients())
                    .extracting(recipient -> recipient.parameters().strip())
                    .containsExactly("NOTIFY=SUCCESS ORCPT=rfc822;first+2Bname@old.test", "");
            assertThat(road.settledLedger().named())
                    .containsEntry("accepted", 7L)
                    .containsEntry("generated", 2L)
                    .containsEntry("failed", 3L)
                    .containsEntry("delivered", 6L);
            assertThat(exchanger.mails()).hasSize(before + 1);
        }
    }

    private static BounceText with(String action, List<BounceText> reports) {
        return reports.stream()
                .filter(report -> report.recipients().stream()
                        .map(Map::entrySet)
                        .allMatch(fields -> fields.contains(Map.entry("action", action))))
                .findFirst()
                .orElseThrow();
    }

    private static void submit(InetSocketAddress to, String... commands) throws Exception {
        try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
            String dialog = "EHLO client.test\r\n" + String.join("\r\n", commands)
                    + "\r\nDATA\r\nSubject: reports\r\n\r\nHello\r\n.\r\nQUIT\r\n";
            socket.getOutputStream().write(dialog.getBytes(US_ASCII));
            List<String> heard = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII))
                    .lines()
                    .toList();
            assertThat(heard).contains("250-DSN").noneMatch(line -> line.startsWith("5"));
            assertThat(heard).anyMatch(line -> line.startsWith("250 2.0.0 queued"));
        }
    }
}
