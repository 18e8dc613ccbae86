package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.auth.Credentials;
import org.postroad.ingress.auth.Mechanism;
import org.postroad.ingress.auth.ScramKeys;
import org.postroad.ingress.auth.UsersFile;
import org.postroad.schemas.Reply;

/** AUTH as RFC 4954 has it. */
class SessionLoginTest {
    private static final String PASSWORD = "s\u00e4cret word";
    private static final long HANG_NANOS = 90_000_000_000L;

    private static Credentials credentials;

    private final ServedSession session;

    SessionLoginTest() {
        session = greeted(ServedSession.loggingIn(Auth.REQUIRED, true, credentials));
    }

    @BeforeAll
    static void writeUsers(@TempDir Path directory) throws Exception {
        String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, PASSWORD.toCharArray());
        Path file = Files.writeString(directory.resolve("users"), "alice:" + hash + "\nbob:" + hash + "\n");
        credentials = new Credentials(new UsersFile(file));
    }

    @AfterAll
    static void close() {
        credentials.close();
    }

    @Test
    void theProtocolLogHasNoSecretsAndCanBeOfOneUser() throws Exception {
        session.protocolLog.follow(ProtocolLogTest.about("*"));
        answer(session, "AUTH PLAIN " + plain("", "alice", "wrong") + "\r\n");
        session.send("AUTH LOGIN\r\n");
        answer(session, "YWxpY2U=\r\n");
        answer(session, "d3Jvbmc=\r\n");
        session.send("auth\tPLAIN d3Jvbmc=\r\nd3Jvbmc=\r\n");
        session.send(
                "AUTH PLAIN\td3Jvbmc=\r\nAUTH PLAIN\nd3Jvbmc=\r\nAUTH d3Jvbmc=\r\nEHLO x\nAUTH PLAIN d3Jvbmc=\r\n");
        assertThat(String.join("\n", session.logged))
                .contains("> AUTH PLAIN (its initial response)", "> AUTH LOGIN", "< 334 (a challenge)", "(no command, ")
                .doesNotContain(plain("", "alice", "wrong"), "d3Jvbmc=", "YWxpY2U=", "VXNlcm5hbWU6");

        ServedSession other = greeted(ServedSession.loggingIn(Auth.REQUIRED, true, credentials));
        other.protocolLog.follow(ProtocolLogTest.about("user=alice"));
        answer(other, "AUTH PLAIN " + plain("", "alice", PASSWORD) + "\r\n");
        other.send("NOOP\r\n");
        assertThat(other.logged)
                .extracting(line -> line.substring(line.indexOf(' ') + 1))
                .containsExactly(
                        "relay 192.0.2.7 alice < 235 2.7.0 Authentication successful",
                        "relay 192.0.2.7 alice > NOOP",
                        "relay 192.0.2.7 alice < 250 2.0.0 OK");
    }

    @Test
    void moreSessionsOfAUserThanTheListenerAllowsAreNone() throws Exception {
        ListenerLimits usual = ListenerLimits.USUAL;
        IngressConfig.Listener crowded = session.listener.within(new ListenerLimits(
                usual.sessions(),
                0,
                0,
                usual.messagesPerSession(),
                usual.recipients(),
                usual.errors(),
                usual.commandTime(),
                usual.dataTime(),
                usual.leastRate(),
                0,
                usual.commandLine()));
        ServedSession other = greeted(ServedSession.loggingIn(crowded, credentials));
        assertThat(answer(other, "AUTH PLAIN " + plain("", "alice", PASSWORD) + "\r\n"))
                .startsWith("421 4.7.0 Too many sessions of this user");
        assertThat(other.closed()).isTrue();
    }

    @Test
    void whoHasGoneIsNoSessionOfTheUser() throws Exception {
        assertThat(answer(session, "AUTH PLAIN " + plain("", "alice", PASSWORD) + "\r\n"))
                .startsWith("235 2.7.0");
        assertThat(session.counts.sessionsOf("alice")).isEqualTo(1);
        session.send("QUIT\r\n");
        assertThat(session.closed()).isTrue();
        assertThat(session.counts.sessionsOf("alice")).isZero();
    }

    @Test
    void whoLogsInMayRelayAndIsNamedInTheEnvelope() throws Exception {
        assertThat(session.send("MAIL FROM:<a@x.example>\r\n"))
                .singleElement()
                .asString()
                .startsWith("530 5.7.0");
        assertThat(answer(session, "AUTH PLAIN " + plain("", "alice", PASSWORD) + "\r\n"))
                .startsWith("235 2.7.0");
        assertThat(session.send("EHLO c\r\n")).noneMatch(line -> line.contains("AUTH"));
        assertThat(session.send("AUTH PLAIN\r\n")).singleElement().asString().startsWith("503 5.5.1");
        session.send("MAIL FROM:<a@x.example> AUTH=<>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n");
        assertThat(session.send("hi\r\n.\r\n")).singleElement().asString().startsWith("250 2.0.0");
        assertThat(session.envelopes().get(0).getUser()).isEqualTo("alice");
        assertThat(session.envelopes().get(0).getReceived().getProtocol()).isEqualTo("ESMTPA");
        assertThat(session.envelopes().get(0).getTenant()).isEqualTo("shop");
        assertThat(session.envelopes().get(0).getTrafficClass()).isEqualTo("bulk");
    }

    @Test
    void whoIsBoundToSendersMayUseNoOther() throws Exception {
        answer(session, "AUTH PLAIN " + plain("", "bob", PASSWORD) + "\r\n");
        assertThat(session.send("MAIL FROM:<alice@y.example>\r\nRCPT TO:<b@y.example>\r\n"))
                .containsExactly("550 5.7.1 This user may not send as that address", "503 5.5.1 Send MAIL first");
        for (String own : List.of("anybody@x.example", "bob@y.example", "")) {
            assertThat(session.send("MAIL FROM:<" + own + ">\r\nRSET\r\n")).allMatch(line -> line.startsWith("250"));
        }
    }

    @Test
    void whoHasNoTenantHasNone() throws Exception {
        answer(session, "AUTH PLAIN " + plain("", "bob", PASSWORD) + "\r\n");
        session.send("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\nhi\r\n.\r\n");
        assertThat(session.envelopes().get(0).getTenant()).isNull();
        assertThat(session.envelopes().get(0).getTrafficClass()).isNull();
    }

    @Test
    void loginAsksForBoth() throws Exception {
        assertThat(session.send("auth login\r\n")).containsExactly("334 " + base64("Username:"));
        assertThat(session.send(base64("bob") + "\r\n")).containsExactly("334 " + base64("Password:"));
        assertThat(answer(session, base64(PASSWORD) + "\r\n")).startsWith("235 2.7.0");
    }

    @Test
    void loginTakesTheUserWithTheCommandToo() throws Exception {
        assertThat(session.send("AUTH LOGIN " + base64("bob") + "\r\n")).containsExactly("334 " + base64("Password:"));
        assertThat(answer(session, base64(PASSWORD) + "\r\n")).startsWith("235 2.7.0");
    }

    @Test
    void plainMayBeAskedForItsAnswer() throws Exception {
        assertThat(session.send("AUTH PLAIN\r\n")).containsExactly("334 ");
        assertThat(answer(session, plain("alice", "alice", PASSWORD) + "\r\n")).startsWith("235 2.7.0");
    }

    @Test
    void nothingTellsAWrongUserFromAWrongPasswordAndBothHearItLate() throws Exception {
        for (String[] wrong : List.of(new String[] {"alice", "wrong"}, new String[] {"nobody", PASSWORD})) {
            ServedSession one = greeted(ServedSession.loggingIn(Auth.OFFERED, true, credentials));
            assertThat(answer(one, "AUTH PLAIN " + plain("", wrong[0], wrong[1]) + "\r\n"))
                    .isEqualTo("535 5.7.8 Authentication credentials invalid");
            assertThat(one.send("MAIL FROM:<>\r\nRCPT TO:<b@y.example>\r\n"))
                    .last()
                    .asString()
                    .startsWith("550 5.7.1");
        }
    }

    @Test
    void fourFailuresEndTheSession() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(answer(session, "AUTH PLAIN " + plain("", "carol" + i, "wrong") + "\r\n"))
                    .startsWith("535 5.7.8");
        }
        assertThat(answer(session, "AUTH PLAIN " + plain("", "carol", "wrong") + "\r\n"))
                .startsWith("421 4.7.0");
        assertThat(session.closed()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "AUTH ~ 501 5.5.4",
                "AUTH CRAM-MD5 ~ 504 5.5.4",
                "AUTH SCRAM-SHA-256 ~ 504 5.5.4",
                "AUTH PLAIN a b ~ 501 5.5.4",
                "AUTH PLAIN !!!! ~ 501 5.5.2",
                "AUTH PLAIN = ~ 501 5.5.2",
                "AUTH PLAIN YWxpY2U= ~ 501 5.5.2",
                "AUTH LOGIN = ~ 501 5.5.2",
                "AUTH PLAIN AGEAYgBj ~ 501 5.5.2",
            })
    void whatIsNoAuthIsSaid(String line, String reply) {
        assertThat(session.send(line + "\r\n")).singleElement().asString().startsWith(reply);
        assertThat(session.send("NOOP\r\n")).containsExactly("250 2.0.0 OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "!", "RSET", "\u00e4", ""})
    void whatIsNoAnswerEndsTheExchange(String line) {
        session.send("AUTH LOGIN\r\n");
        assertThat(session.send(line + "\r\n")).singleElement().asString().startsWith("501 5.");
        assertThat(session.send("NOOP\r\n")).containsExactly("250 2.0.0 OK");
    }

    @Test
    void aLineOfAuthMayBeLongerThanACommand() throws Exception {
        session.send("AUTH PLAIN\r\n");
        assertThat(answer(session, plain("", "alice", "x".repeat(9_000)) + "\r\n"))
                .startsWith("535 5.7.8");
        session.send("AUTH PLAIN\r\n");
        assertThat(session.send("A".repeat(13_000) + "\r\n"))
                .singleElement()
                .asString()
                .startsWith("500 5.5.6");
        assertThat(session.send("NOOP\r\n")).containsExactly("250 2.0.0 OK");
    }

    @Test
    void actingForAnotherIsWrong() throws Exception {
        assertThat(answer(session, "AUTH PLAIN " + plain("root", "alice", PASSWORD) + "\r\n"))
                .startsWith("535 5.7.8");
    }

    @Test
    void inClearNoPasswordIsTakenUnlessTheListenerSaysSo() {
        ServedSession clear = ServedSession.loggingIn(Auth.OFFERED, false, credentials);
        clear.heard();
        assertThat(clear.send("EHLO c\r\n")).noneMatch(line -> line.contains("AUTH"));
        assertThat(clear.send("AUTH PLAIN\r\n")).singleElement().asString().startsWith("538 5.7.11");
    }

    @Test
    void notBeforeAGreetingAndNotWithinATransaction() {
        ServedSession fresh = ServedSession.loggingIn(Auth.OFFERED, true, credentials);
        fresh.heard();
        assertThat(fresh.send("AUTH PLAIN\r\n")).singleElement().asString().startsWith("503 5.5.1 Send EHLO");
        fresh.send("EHLO c\r\nMAIL FROM:<>\r\n");
        assertThat(fresh.send("AUTH PLAIN\r\n")).singleElement().asString().startsWith("503 5.5.1");
    }

    /** Nothing that is said after too many guesses tells a right one from a wrong one. */
    @Test
    void guessesByScramAreBarredBeforeTheServerProvesItself(@TempDir Path other) throws Exception {
        String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, "pencil".toCharArray());
        Path file = Files.writeString(other.resolve("users"), "user:" + hash + ":" + ScramKeys.of("pencil") + "\n");
        try (Credentials scram = new Credentials(new UsersFile(file))) {
            Logins logins = new Logins(scram, session.channel.eventLoop());
            Admission client = client("192.0.2.9");
            List<Reply> ends = new ArrayList<>();
            Queue<Move> moves = new ArrayDeque<>();
            for (int i = 0; i < 10; i++) {
                LoginExchange wrong = exchange(logins, client, moves, ends);
                wrong.begin(base64("n,,n=user,r=abc"));
                wrong.answered(base64("c=biws,r=abc,p=AAAA"));
            }
            session.wait(Duration.ofSeconds(2));
            assertThat(ends).hasSize(10).containsOnly(Replies.LOGIN_WRONG);
            ends.clear();
            moves.clear();
            exchange(logins, client, moves, ends).begin(base64("n,,n=user,r=abc"));
            assertThat(ends).containsExactly(Replies.LOGIN_BARRED);
            assertThat(moves).as("not even a challenge").isEmpty();
            exchange(logins, client("192.0.2.10"), moves, ends).begin(base64("n,,n=user,r=abc"));
            assertThat(moves).as("another host of the network").isNotEmpty();
        }
    }

    private static LoginExchange exchange(Logins logins, Admission client, Queue<Move> moves, List<Reply> ends) {
        Progress none = new Progress() {
            @Override
            public void goOn() {}

            @Override
            public void fault(Throwable bug) {
                throw new AssertionError(bug);
            }
        };
        Mechanism scram = Objects.requireNonNull(logins.mechanism("SCRAM-SHA-256", client));
        return new LoginExchange(logins, client, scram, moves, none, ends::add);
    }

    private static Admission client(String address) throws UnknownHostException {
        return Admission.of(
                IngressConfig.Listener.relay("r", new InetSocketAddress(0), List.of()), InetAddress.getByName(address));
    }

    @Test
    void guessesOfOneNetworkHoldUpOnlyTheirNeighbours() throws Exception {
        Logins logins = new Logins(credentials, session.channel.eventLoop());
        List<Credentials.Verdict> guesser = new ArrayList<>();
        List<Credentials.Verdict> other = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            logins.check(
                    client("198.51.100." + i),
                    new Mechanism.Step.Check("alice", ("guess" + i).getBytes(UTF_8)),
                    guesser::add);
        }
        logins.check(
                client("203.0.113.1"), new Mechanism.Step.Check("bob", "another guess".getBytes(UTF_8)), other::add);
        long end = System.nanoTime() + HANG_NANOS;
        while ((guesser.size() < 100 || other.isEmpty()) && System.nanoTime() < end) {
            new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
            session.wait(Duration.ofMillis(100));
        }
        assertThat(other).containsExactly(Credentials.Verdict.WRONG);
        assertThat(guesser)
                .filteredOn(Credentials.Verdict.BUSY::equals)
                .as("more than wait for their turn")
                .hasSize(100 - 4 - 64);
        assertThat(guesser).filteredOn(Credentials.Verdict.WRONG::equals).hasSize(4 + 64);
    }

    @Test
    void guessesForAUserAreNotHeardAnyMoreButWhoWasRightBeforeIs() throws Exception {
        assertThat(answer(session, "AUTH PLAIN " + plain("", "bob", PASSWORD) + "\r\n"))
                .startsWith("235");
        Logins logins = new Logins(credentials, session.channel.eventLoop());
        Admission client = Admission.of(
                IngressConfig.Listener.relay("r", new InetSocketAddress(0), List.of()),
                InetAddress.getLoopbackAddress());
        for (int i = 0; i < 10; i++) {
            assertThat(logins.isBarred(client, "bob")).isFalse();
            logins.failed(client, "bob", () -> {});
        }
        assertThat(logins.isBarred(client, "bob")).isTrue();
        assertThat(logins.isBarred(client, "alice")).isFalse();
        for (int i = 0; i < 90; i++) {
            logins.failed(client, "user" + i, () -> {});
        }
        assertThat(logins.isBarred(client, "alice")).as("of the whole network").isTrue();
        List<Credentials.Verdict> heard = new ArrayList<>();
        logins.check(client, new Mechanism.Step.Check("bob", "guess".getBytes(UTF_8)), heard::add);
        logins.check(client, new Mechanism.Step.Check("bob", PASSWORD.getBytes(UTF_8)), heard::add);
        session.channel.runPendingTasks();
        session.channel.runPendingTasks();
        assertThat(heard).containsExactly(Credentials.Verdict.BARRED, Credentials.Verdict.RIGHT);
        session.wait(Duration.ofHours(1));
        assertThat(logins.isBarred(client, "bob")).as("an hour later").isFalse();
    }

    private static ServedSession greeted(ServedSession session) {
        session.heard();
        assertThat(session.send("EHLO c\r\n")).contains("250-AUTH PLAIN LOGIN");
        return session;
    }

    /** Passwords are checked on a thread of their own, and what is wrong is said late. */
    private static String answer(ServedSession session, String sent) throws InterruptedException {
        long end = System.nanoTime() + HANG_NANOS;
        List<String> heard = session.send(sent);
        while (heard.isEmpty() && System.nanoTime() < end) {
            new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
            heard = session.wait(Duration.ofMillis(100));
        }
        assertThat(heard).hasSize(1);
        return heard.get(0);
    }

    private static String plain(String actsAs, String user, String password) {
        return base64(actsAs + "\0" + user + "\0" + password);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
