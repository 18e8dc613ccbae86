package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.schemas.Body;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Recipient;

/** The dialog, as RFC 5321 and its extensions have it. */
class SmtpSessionTest {
    static final String HELLO = """
            S: 220 mx.example ESMTP *
            C: EHLO client.example
            S: 250-mx.example
            S: 250-PIPELINING
            S: 250-SIZE 2000000
            S: 250-8BITMIME
            S: 250-SMTPUTF8
            S: 250-CHUNKING
            S: 250-LIMITS RCPTMAX=1000
            S: 250-DSN
            S: 250-ENHANCEDSTATUSCODES
            S: 250 HELP
            """;

    /** Who may not relay is not offered reports. */
    static final String STRANGERS_HELLO = HELLO.replace("S: 250-DSN\n", "");

    private final ServedSession session = ServedSession.ordinary();

    @Test
    void takesAMessage() throws IOException {
        session.play(HELLO + """
                C: MAIL FROM:<a@x.example> SIZE=40 BODY=8BITMIME
                S: 250 2.1.0 *
                C: RCPT TO:<b@y.example>
                S: 250 2.1.5 *
                C: DATA
                S: 354 *
                C: Subject: hi
                C:
                C: ..dots
                C: .
                S: 250 2.0.0 queued as *
                C: QUIT
                S: 221 2.0.0 *
                S: [closed]
                """);
        Envelope envelope = session.envelopes().get(0);
        assertThat(session.contents()).containsExactly("Subject: hi\r\n\r\n.dots\r\n");
        assertThat(envelope.getReversePath()).isEqualTo("a@x.example");
        assertThat(envelope.getRecipients()).extracting(Recipient::getAddress).containsExactly("b@y.example");
        assertThat(envelope.getBody()).isEqualTo(Body.EIGHT_BIT_MIME);
        assertThat(envelope.getReceived().getProtocol()).isEqualTo("ESMTP");
        assertThat(envelope.getReceived().getClient()).isEqualTo("192.0.2.7");
        assertThat(envelope.getReceived().getListener()).isEqualTo("relay");
        assertThat(envelope.getExpiry() - envelope.getReceived().getAt()).isEqualTo(5L * 86_400_000);
        assertThat(ServedSession.text(envelope.getPrepend()))
                .isEqualTo("Received: from client.example ([192.0.2.7])\r\n\tby mx.example with ESMTP id "
                        + envelope.getQueueId()
                        + "\r\n\tfor <b@y.example>; Sun, 1 Mar 2026 10:20:30 +0000\r\n");
        assertThat(envelope.getMeta()).isEqualTo(Map.of());
    }

    @Test
    void answersAPipeliningClientInOneFlight() throws IOException {
        session.play(HELLO + """
                C: MAIL FROM:<>
                C: RCPT TO:<b@y.example>
                C: RCPT TO:<c@y.example>
                C: DATA
                S: 250 2.1.0 *
                S: 250 2.1.5 *
                S: 250 2.1.5 *
                S: 354 *
                C: .
                C: MAIL FROM:<d@x.example>
                C: RCPT TO:<e@y.example>
                C: DATA
                S: 250 2.0.0 queued as *
                S: 250 2.1.0 *
                S: 250 2.1.5 *
                S: 354 *
                C: second
                C: .
                C: QUIT
                S: 250 2.0.0 queued as *
                S: 221 2.0.0 *
                S: [closed]
                """);
        assertThat(session.contents()).containsExactly("", "second\r\n");
        assertThat(session.envelopes().get(0).getReversePath()).isEmpty();
        assertThat(ServedSession.text(session.envelopes().get(0).getPrepend())).doesNotContain("for <");
    }

    @Test
    void keepsToTheOrderOfCommands() throws IOException {
        session.play("""
                S: 220 *
                C: MAIL FROM:<a@x.example>
                S: 503 5.5.1 *
                C: HELO client.example
                S: 250 mx.example
                C: RCPT TO:<b@y.example>
                S: 503 5.5.1 *
                C: DATA
                S: 503 5.5.1 *
                C: MAIL FROM:<a@x.example>
                S: 250 2.1.0 *
                C: MAIL FROM:<a@x.example>
                S: 503 5.5.1 *
                C: DATA
                S: 503 5.5.1 *
                C: RSET
                S: 250 2.0.0 *
                C: RCPT TO:<b@y.example>
                S: 503 5.5.1 *
                C: MAIL FROM:<a@x.example>
                S: 250 2.1.0 *
                C: RCPT TO:<b@y.example>
                S: 250 2.1.5 *
                C: EHLO again.example
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250 *
                C: DATA
                S: 503 5.5.1 *
                """);
    }

    @Test
    void answersWhatChangesNothing() throws IOException {
        session.play(HELLO + """
                C: noop anything
                S: 250 2.0.0 *
                C: VRFY someone
                S: 252 2.5.2 *
                C: HELP
                S: 214 2.0.0 *
                C: RSET
                S: 250 2.0.0 *
                C: RSET now
                S: 501 5.5.4 *
                C: FROB
                S: 500 5.5.2 *
                C: \\x16\\x03\\x01
                S: 500 5.5.2 *
                C: QUIT now
                S: 501 5.5.4 *
                """);
    }

    @Test
    void refusesToRelayForStrangers() throws IOException {
        ServedSession stranger = ServedSession.strangers().play(STRANGERS_HELLO + """
                        C: MAIL FROM:<a@x.example>
                        C: RCPT TO:<b@y.example>
                        C: RCPT TO:<postmaster>
                        C: RCPT TO:<@mx.example:b@y.example>
                        C: RCPT TO:<b%y.example@[192.0.2.1]>
                        C: DATA
                        S: 250 2.1.0 *
                        S: 550 5.7.1 *
                        S: 550 5.7.1 *
                        S: 550 5.7.1 *
                        S: 550 5.7.1 *
                        S: 503 5.5.1 *
                        """);
        assertThat(stranger.envelopes()).isEmpty();
    }

    @Test
    void keepsARecipientThatIsNamedTwiceOnce() throws IOException {
        session.play(HELLO + """
                C: MAIL FROM:<a@x.example>
                C: RCPT TO:<b@y.example>
                C: RCPT TO:<b@Y.EXAMPLE>
                C: RCPT TO:<B@y.example>
                C: RCPT TO:<@r.example:Postmaster@y.example>
                C: RCPT TO:<POSTmaster>
                C: DATA
                C: .
                S: 250 2.1.0 *
                S: 250 2.1.5 *
                S: 250 2.1.5 *
                S: 250 2.1.5 *
                S: 250 2.1.5 *
                S: 250 2.1.5 *
                S: 354 *
                S: 250 2.0.0 *
                """);
        assertThat(session.envelopes().get(0).getRecipients())
                .extracting(Recipient::getAddress)
                .containsExactly("b@y.example", "B@y.example", "Postmaster@y.example", "postmaster@mx.example");
    }

    @Test
    void wantsSmtpUtf8ForAddressesBeyondAscii() throws IOException {
        session.play(HELLO + """
                C: MAIL FROM:<jörg@x.example>
                S: 553 5.6.7 *
                C: MAIL FROM:<a@x.example>
                C: RCPT TO:<jörg@x.example>
                S: 250 2.1.0 *
                S: 553 5.6.7 *
                C: RSET
                C: MAIL FROM:<a@x.example> SMTPUTF8
                C: RCPT TO:<jörg@x.example>
                C: DATA
                C: .
                S: 250 2.0.0 *
                S: 250 2.1.0 *
                S: 250 2.1.5 *
                S: 354 *
                S: 250 2.0.0 *
                """);
        assertThat(session.envelopes().get(0).getSmtpUtf8()).isTrue();
        assertThat(session.envelopes().get(0).getReceived().getProtocol()).isEqualTo("UTF8SMTP");
    }

    @Test
    void refusesWhatIsAnnouncedTooLarge() throws IOException {
        session.play(HELLO + """
                C: MAIL FROM:<a@x.example> SIZE=2000001
                S: 552 5.3.4 *
                C: MAIL FROM:<a@x.example> SIZE=99999999999999999999
                S: 552 5.3.4 *
                C: MAIL FROM:<a@x.example> SIZE=2000000
                S: 250 2.1.0 *
                """);
    }

    @Test
    void refusesALoopingMessageAfterItsEnd() throws IOException {
        String received = "C: Received: from a by b; then\n".repeat(101);
        session.play(HELLO + """
                C: MAIL FROM:<a@x.example>
                C: RCPT TO:<b@y.example>
                C: DATA
                S: 250 2.1.0 *
                S: 250 2.1.5 *
                S: 354 *
                """ + received + """
                C: .
                S: 554 5.4.6 *
                C: NOOP
                S: 250 2.0.0 *
                """);
        assertThat(session.kafka.history()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1",
                "post /x HTTP/1.1",
                "CONNECT mx:25 HTTP/1.1",
                "PATCH / HTTP/1.1",
                "DELETE /x HTTP/1.0",
                "M-SEARCH * HTTP/1.1 ",
                "PRI * HTTP/2.0",
                "\u017F / HTTP/1.1",
                "\\x01 / HTTP/1.1",
                "Host: mx.example",
                "host:mx"
            })
    void hangsUpOnBrowsers(String request) throws IOException {
        session.play("S: 220 *\nC: " + request + "\nC: EHLO x\nS: 421 4.7.0 *\nS: [closed]\n");
    }

    @Test
    void hangsUpAfterTwentyErrors() throws IOException {
        session.play("S: 220 *\n"
                + "C: FROB\n".repeat(25)
                + "S: 500 5.5.2 *\n".repeat(19)
                + "S: 421 4.7.0 *\nS: [closed]\n");
    }

    @Test
    void takesNoLetterOfUnicodeForOneOfACommand() throws IOException {
        session.play(HELLO + """
                C: ma\u0131l FROM:<a@x.example>
                S: 500 5.5.2 *
                C: MAIL FROM:<a@x.example> \u017Fize=1
                S: 555 5.5.4 *
                C: MAIL FROM:<a@x.example>
                C: RCPT TO:<po\u017Ftma\u017Fter>
                C: \u017Ftart
                S: 250 2.1.0 *
                S: 553 5.6.7 *
                S: 500 5.5.2 *
                """);
    }

    @Test
    void swallowsLinesThatAreTooLong() throws IOException {
        session.play("S: 220 *\n"
                + "C: NOOP " + "x".repeat(2_100) + "\nC: NOOP\nS: 500 5.5.2 *\nS: 250 2.0.0 *\n"
                + "C: NOOP " + "x".repeat(2_041) + "\nC: NOOP\nS: 250 2.0.0 *\nS: 250 2.0.0 *\n");
    }

    @Test
    void neverTakesABareLineFeedForTheEndOfACommand() throws IOException {
        session.play("""
                S: 220 *
                C: NOOP\\nQUIT
                S: 500 5.5.2 *
                C: NOOP\\rQUIT
                S: 500 5.5.2 *
                C: NOOP\\r
                S: 500 5.5.2 *
                C: NOOP
                S: 250 2.0.0 *
                """);
    }

    @Test
    void acceptsAThousandRecipientsAndNoMore() {
        session.heard();
        session.send("EHLO c\r\nMAIL FROM:<>\r\n");
        StringBuilder flight = new StringBuilder();
        for (int i = 0; i < 1_001; i++) {
            flight.append("RCPT TO:<r").append(i).append("@y.example>\r\n");
        }
        assertThat(session.send(flight.toString()))
                .hasSize(1_001)
                .endsWith("452 4.5.3 Too many recipients")
                .filteredOn(line -> line.startsWith("250 2.1.5"))
                .hasSize(1_000);
        assertThat(session.send("DATA\r\n.\r\n")).last().asString().startsWith("250 2.0.0 queued as");
        assertThat(session.envelopes().get(0).getRecipients()).hasSize(1_000);
    }

    @Test
    void turnsAwayWhomThereIsNoRoomFor() throws IOException {
        ServedSession.crowded().play("S: 421 4.3.2 *\nS: [closed]\n");
    }
}
