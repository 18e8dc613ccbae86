package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** What an application hands over comes out complete, without its Bcc, and not before its time. */
@Tag("broker")
class SubmissionScenarioTest {
    private static final Duration HELD = Duration.ofSeconds(5);

    @Test
    void anApplicationsMailIsCompletedAndHeld(@TempDir Path directory) throws Exception {
        String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, "secret".toCharArray());
        Path users = Files.writeString(directory.resolve("users"), "alice:" + hash + "\n");
        String ingress =
                "{users-file: " + users + ", listeners: [{name: submission, address: \"127.0.0.1:0\", role: submission,"
                        + " auth: required, auth-in-clear: true, trace: hide-client, bare-newlines: normalize, relay-from: []}]}";
        try (ScriptedExchanger exchanger = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, exchanger, ingress)) {
            Instant begun = Instant.now();
            submit(
                    road.address(),
                    " HOLDFOR=" + HELD.toSeconds(),
                    "Subject: late\r\nBCC: x@home.test,\r\n y@home.test\r\n\r\nlate\r\n");
            submit(road.address(), "", "Subject: smuggled\r\n\r\ntext\n.\r\nMAIL FROM:<evil@x.test>\r\n");
            List<ReceivedMail> mails = exchanger.awaitMails(2, Road.PATIENCE);
            assertThat(mails.get(0).contentText())
                    .matches("(?s)Received: by road\\.test with ESMTPA id \\S+\r\n\tfor <b@there\\.test>; [^\r]+\r\n"
                            + "Message-ID: <\\w+@road\\.test>\r\nDate: [^\r]+\r\n"
                            + "Subject: smuggled\r\n\r\ntext\r\n\\.\r\nMAIL FROM:<evil@x\\.test>\r\n");
            assertThat(mails.get(1).contentText())
                    .contains("\r\nMessage-ID: <", "\r\nDate: ")
                    .endsWith("\r\nSubject: late\r\n\r\nlate\r\n");
            assertThat(mails.get(1).receivedAt()).isAfterOrEqualTo(begun.plus(HELD));
            assertThat(road.settledLedger().named())
                    .containsEntry("accepted", 2L)
                    .containsEntry("delivered", 2L);
        }
    }

    private static void submit(InetSocketAddress to, String parameters, String content) throws Exception {
        String login = Base64.getEncoder().encodeToString("\0alice\0secret".getBytes(UTF_8));
        try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
            String dialog = "EHLO client.test\r\nAUTH PLAIN " + login + "\r\nMAIL FROM:<a@home.test>" + parameters
                    + "\r\nRCPT TO:<b@there.test>\r\nDATA\r\n" + content + ".\r\nQUIT\r\n";
            socket.getOutputStream().write(dialog.getBytes(ISO_8859_1));
            List<String> heard = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1))
                    .lines()
                    .toList();
            assertThat(heard).noneMatch(line -> line.startsWith("5"));
            assertThat(heard).anyMatch(line -> line.startsWith("250 2.0.0 queued"));
        }
    }
}
