package org.postroad.deploy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.testkit.ReceivedMail;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** The commands that the manual shows for mail by HTTP, as they stand there, by curl. */
@Tag("interop")
class HttpExamplesTest {
    private static final Path MANUAL = Path.of("../docs/OPERATING.md");
    private static final Pattern COMMAND = Pattern.compile("```\n(curl .*?)```", Pattern.DOTALL);

    private static List<String> commands() throws Exception {
        String manual = Files.readString(MANUAL);
        int begin = manual.indexOf("\n## Mail by HTTP\n");
        Matcher matcher = COMMAND.matcher(manual.substring(begin, manual.indexOf("\n## ", begin + 1)));
        List<String> commands = new ArrayList<>();
        while (matcher.find()) {
            commands.add(matcher.group(1));
        }
        return commands;
    }

    @Test
    void theyDoWhatTheManualSays(@TempDir Path directory) throws Exception {
        String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, "secret".toCharArray());
        Path users = Files.writeString(directory.resolve("users"), "alice:" + hash + "\n");
        Files.writeString(directory.resolve("mail.eml"), "Subject: as it is\n\nHello\n");
        String ingress = "{listeners: [], users-file: " + users + ", http-listeners: [{name: api,"
                + " address: \"127.0.0.1:0\", auth: required, auth-in-clear: true, relay-from: []}]}";
        try (ScriptedExchanger exchanger = Road.exchanger(Script.accepting());
                Road road = Road.open(directory, exchanger, ingress)) {
            List<String> commands = commands();
            assertThat(commands).hasSize(3);
            assertThat(run(directory, road, commands.get(0)))
                    .contains("\"recipients\":[\"b@example.net\",\"c@example.net\"]");
            String composed = run(directory, road, commands.get(1));
            assertThat(composed).contains("\"recipients\":[\"b@example.net\"]", "\"recipients\":[\"c@example.net\"]");
            String once = run(directory, road, commands.get(2));
            assertThat(run(directory, road, commands.get(2))).isEqualTo(once);
            List<ReceivedMail> mails = exchanger.awaitMails(4, Road.PATIENCE);
            assertThat(mails)
                    .anyMatch(mail -> mail.contentText().endsWith("\r\nSubject: as it is\r\n\r\nHello\r\n"))
                    .anyMatch(mail -> mail.contentText().contains("\r\nSubject: Your order, Bob\r\n"))
                    .anyMatch(mail -> mail.contentText().contains("\r\nSubject: Your order, Carol\r\n"));
            assertThat(road.settledLedger().named()).containsEntry("accepted", 5L);
        }
    }

    private static String run(Path directory, Road road, String command) throws Exception {
        String here = command.replace(
                        "https://mail.example.org:8025",
                        "http://127.0.0.1:" + road.http().getPort())
                .replace("-u alice", "-sS -u alice:secret");
        assertThat(here).contains("http://127.0.0.1:", "alice:secret");
        Process curl = new ProcessBuilder("bash", "-c", here)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(curl.getInputStream().readAllBytes(), UTF_8);
        assertThat(curl.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(said).startsWith("{\"messages\":[{\"queueId\":\"");
        return said;
    }
}
