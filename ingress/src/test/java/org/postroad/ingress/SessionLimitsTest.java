package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What one client may have of us: patience, memory, replies. */
class SessionLimitsTest {
    private static final String HELLO = SmtpSessionTest.HELLO;

    private final ServedSession session = ServedSession.ordinary();

    @ParameterizedTest
    @CsvSource({
        "NOOP, 99",
        "RSET, 99",
        "VRFY x, 99",
        "HELP, 99",
        "EHLO x, 99",
        "RCPT TO:<b@y.example>, 19",
        "DATA, 19",
        "MAIL FROM:<a@x.example> SIZE=99999999, 19",
    })
    void hangsUpOnWhatLeadsNowhereForLong(String command, int answered) throws IOException {
        session.play(HELLO);
        List<String> lines = session.send((command + "\r\n").repeat(2_000));
        assertThat(lines.stream().filter(line -> line.charAt(3) == ' ')).hasSize(answered + 1);
        assertThat(lines).last().asString().startsWith("421 4.7.0");
        assertThat(session.closed()).isTrue();
    }

    @Test
    void strangersWhoNameRecipientsAreHeardTwentyTimes() throws IOException {
        ServedSession stranger = ServedSession.strangers().play(SmtpSessionTest.STRANGERS_HELLO);
        List<String> lines = stranger.send("MAIL FROM:<>\r\n" + "RCPT TO:<b@y.example>\r\n".repeat(2_000));
        assertThat(lines).hasSize(21).last().asString().startsWith("421 4.7.0");
    }

    @Test
    void onlyAnAcceptedMessageEndsThePastOfErrors() throws IOException {
        String message = "C: MAIL FROM:<>\nC: RCPT TO:<b@y.example>\nC: DATA\n";
        String answers = "S: 250 *\nS: 250 *\nS: 354 *\n";
        session.play(HELLO + "C: FROB\n".repeat(18) + "S: 500 *\n".repeat(18)
                + message + "C: .\n" + answers + "S: 250 2.0.0 *\n"
                + "C: FROB\n".repeat(18) + "S: 500 *\n".repeat(18)
                + message + "C: bare\\nline\nC: .\n" + answers + "S: 550 5.6.0 *\n"
                + "C: FROB\nC: FROB\nS: 500 *\nS: 421 4.7.0 *\nS: [closed]\n");
    }

    @Test
    void recipientsCountInTheOctetBudgetUntilTheirMessageEnds() throws IOException {
        session.play(HELLO + "C: MAIL FROM:<>\nC: RCPT TO:<b@y.example>\nS: 250 *\nS: 250 *\n");
        assertThat(session.budget.held()).isPositive();
        long room = ServedSession.BUDGET * OctetBudget.MOST_LIMITS - session.budget.held();
        session.budget.take(room);
        session.play("C: RCPT TO:<c@y.example>\nS: 452 4.3.1 *\n");
        session.budget.give(room);
        session.play("C: RCPT TO:<c@y.example>\nC: RSET\nS: 250 *\nS: 250 *\n");
        assertThat(session.budget.held()).isZero();
        session.play("C: MAIL FROM:<>\nC: RCPT TO:<b@y.example>\nS: 250 *\nS: 250 *\n");
        session.channel.close();
        assertThat(session.budget.held()).isZero();
    }

    @Test
    void saysFewRepliesAtOnceSoThatItNoticesWhoReadsNone() throws IOException {
        session.play(HELLO);
        session.channel.writeInbound(Unpooled.copiedBuffer(
                "MAIL FROM:<>\r\n" + "RCPT TO:<b@y.example>\r\n".repeat(500), StandardCharsets.US_ASCII));
        int flights = 0;
        for (ByteBuf flight = session.channel.readOutbound(); flight != null; flight = session.channel.readOutbound()) {
            assertThat(flight.readableBytes()).isLessThan(2_000);
            flight.release();
            flights++;
        }
        assertThat(flights).isGreaterThan(10);
    }

    @Test
    void aRecipientNamedAgainAndAgainLeadsNowhere() throws IOException {
        session.play(HELLO);
        List<String> lines = session.send("MAIL FROM:<>\r\n" + "RCPT TO:<b@y.example>\r\n".repeat(10_000));
        assertThat(lines).last().asString().startsWith("421 4.7.0");
        assertThat(session.closed()).isTrue();
    }

    @Test
    void aLineWithoutAnEndEndsTheSession() {
        session.heard();
        assertThat(session.send("x".repeat(60_000))).isEmpty();
        assertThat(session.send("x".repeat(10_000))).last().asString().startsWith("421 4.7.0");
        assertThat(session.closed()).isTrue();
    }

    @Test
    void aLongRequestOfHttpEndsTheSessionWhateverItsSegments() {
        String request = "PATCH /" + "a".repeat(700) + " HTTP/1.1\r\n";
        for (int cut = 1; cut < request.length(); cut += 7) {
            ServedSession other = ServedSession.ordinary();
            other.heard();
            other.send(request.substring(0, cut));
            assertThat(other.send(request.substring(cut) + "EHLO a\r\n"))
                    .singleElement()
                    .asString()
                    .startsWith("421 ");
            assertThat(other.closed()).isTrue();
        }
    }

    @Test
    void whoNamesManyRecipientsAndFallsSilentGivesItsMemoryBack() throws IOException {
        session.play(HELLO + "C: MAIL FROM:<>\nC: RCPT TO:<b@y.example>\nS: 250 *\nS: 250 *\n");
        long others = ServedSession.BUDGET * OctetBudget.MOST_LIMITS - session.budget.held();
        session.budget.take(others); // so much is never exceeded, so nobody else's command would make room
        assertThat(session.wait(Duration.ofMillis(900))).isEmpty();
        assertThat(session.wait(Duration.ofMillis(300)))
                .singleElement()
                .asString()
                .startsWith("421 4.3.1");
        assertThat(session.budget.held()).isEqualTo(others);
        session.budget.give(others);
    }

    @Test
    void contentThatFallsSilentGivesItsMemoryBackBeforeItIsNeeded() throws IOException {
        session.play(HELLO + "C: MAIL FROM:<>\nC: RCPT TO:<b@y.example>\nC: DATA\nS: 250 *\nS: 250 *\nS: 354 *\n");
        session.send("x".repeat(60) + "\r\n");
        long others = ServedSession.BUDGET * OctetBudget.PRESSED_LIMITS;
        session.budget.take(others);
        assertThat(session.wait(Duration.ofMillis(4_900))).isEmpty();
        assertThat(session.wait(Duration.ofMillis(300)))
                .singleElement()
                .asString()
                .startsWith("421 4.3.1");
        assertThat(session.budget.held()).isEqualTo(others);
        session.budget.give(others);
    }
}
