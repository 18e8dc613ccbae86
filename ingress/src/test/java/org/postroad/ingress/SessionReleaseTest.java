package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.auth.Credentials;
import org.postroad.ingress.auth.UsersFile;
import org.postroad.schemas.Envelope;

/** Mail that is to be sent later (RFC 4865); it is 2026-03-01T10:20:30Z. */
class SessionReleaseTest {
    private static final long NOW = Instant.parse("2026-03-01T10:20:30Z").toEpochMilli();
    private static final long HANG_NANOS = 90_000_000_000L;

    private static Credentials credentials;

    @BeforeAll
    static void writeUsers(@TempDir Path directory) throws Exception {
        String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, "secret".toCharArray());
        credentials = new Credentials(new UsersFile(Files.writeString(directory.resolve("users"), "alice:" + hash)));
    }

    @AfterAll
    static void close() {
        credentials.close();
    }

    @ParameterizedTest
    @CsvSource({
        "HOLDFOR=1, 1",
        "HOLDFOR=604800, 604800",
        "holdfor=60, 60",
        "HOLDUNTIL=2026-03-01T10:21:30Z, 60",
        "HOLDUNTIL=2026-03-08T10:20:30Z, 604800",
        "HOLDUNTIL=2026-03-01T10:20:30Z, 0",
        "HOLDUNTIL=2020-03-01T10:20:30.5Z, 0",
    })
    void itsEnvelopeSaysWhenAndItsLifeBeginsThen(String parameter, long seconds) throws Exception {
        ServedSession session = loggedIn();
        session.send("MAIL FROM:<a@x.example> " + parameter + "\r\nRCPT TO:<b@y.example>\r\nDATA\r\n.\r\n");
        Envelope envelope = session.envelopes().get(0);
        assertThat(envelope.getNotBefore()).isEqualTo(seconds == 0 ? 0 : NOW + seconds * 1_000);
        assertThat(envelope.getExpiry())
                .isEqualTo(NOW + seconds * 1_000 + Duration.ofDays(5).toMillis());
        assertThat(envelope.getRequires()).isEqualTo(seconds == 0 ? null : List.of("future-release"));
    }

    @ParameterizedTest
    @CsvSource({
        "HOLDFOR=604801",
        "HOLDFOR=999999999",
        "HOLDUNTIL=2026-03-08T10:20:31Z",
        "HOLDUNTIL=9999-12-31T23:59:59Z"
    })
    void longerThanOfferedIsRefused(String parameter) throws Exception {
        assertThat(loggedIn().send("MAIL FROM:<a@x.example> " + parameter + "\r\n"))
                .containsExactly("501 5.5.4 Held for longer than is offered");
    }

    @Test
    void itIsOfferedWhereClientsLogInAndTakenFromThoseWhoHave() throws Exception {
        String offer = "250-FUTURERELEASE 604800 2026-03-08T10:20:30Z";
        ServedSession session = ServedSession.loggingIn(Auth.OFFERED, true, credentials);
        session.heard();
        assertThat(session.send("EHLO c\r\n")).contains(offer);
        assertThat(session.send("MAIL FROM:<a@x.example> HOLDFOR=1\r\n"))
                .singleElement()
                .asString()
                .startsWith("530 5.7.0");
        assertThat(loggedIn().send("EHLO c\r\n")).contains(offer);

        ServedSession trusted = ServedSession.ordinary();
        trusted.heard();
        assertThat(trusted.send("EHLO c\r\n")).noneMatch(line -> line.contains("FUTURERELEASE"));
        assertThat(trusted.send("MAIL FROM:<a@x.example> HOLDFOR=1\r\n"))
                .singleElement()
                .asString()
                .startsWith("555 5.5.4");
    }

    private static ServedSession loggedIn() throws InterruptedException {
        ServedSession session = ServedSession.loggingIn(Auth.REQUIRED, true, credentials);
        session.heard();
        session.send("EHLO c\r\n");
        String login = Base64.getEncoder().encodeToString("\0alice\0secret".getBytes(UTF_8));
        long end = System.nanoTime() + HANG_NANOS;
        List<String> heard = session.send("AUTH PLAIN " + login + "\r\n");
        while (heard.isEmpty() && System.nanoTime() < end) {
            new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
            heard = session.heard();
        }
        assertThat(heard).singleElement().asString().startsWith("235");
        return session;
    }
}
