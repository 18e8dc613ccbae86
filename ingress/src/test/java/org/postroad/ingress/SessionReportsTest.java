package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Notify;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Ret;

/** What a client asks to be told (RFC 3461). */
class SessionReportsTest {
    @Test
    void whatIsAskedForIsInTheEnvelope() throws IOException {
        ServedSession session = ServedSession.ordinary();
        session.play(SmtpSessionTest.HELLO + """
                C: MAIL FROM:<a@x.example> RET=HDRS ENVID=QQ+2B314
                C: RCPT TO:<b@y.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;first+2Bname@old.example
                C: RCPT TO:<c@y.example> NOTIFY=NEVER
                C: RCPT TO:<d@y.example>
                C: RCPT TO:<b@y.example> NOTIFY=NEVER
                C: DATA
                S: 250 2.1.0 *
                S: 250 2.1.5 *
                S: 250 2.1.5 *
                S: 250 2.1.5 *
                S: 250 2.1.5 *
                S: 354 *
                C: .
                S: 250 2.0.0 queued as *
                """);
        Envelope envelope = session.envelopes().get(0);
        assertThat(envelope.getRet()).isEqualTo(Ret.HDRS);
        assertThat(envelope.getEnvelopeId()).isEqualTo("QQ+2B314");
        assertThat(envelope.getRecipients())
                .containsExactly(
                        new Recipient(
                                "b@y.example",
                                List.of(Notify.SUCCESS, Notify.DELAY),
                                "rfc822;first+2Bname@old.example",
                                0,
                                0,
                                null),
                        new Recipient("c@y.example", List.of(Notify.NEVER), null, 0, 0, null),
                        new Recipient("d@y.example", List.of(), null, 0, 0, null));
    }

    @Test
    void whoDoesNotAskGetsWhatItAlwaysGot() {
        ServedSession session = ServedSession.ordinary();
        session.send("EHLO c\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n.\r\n");
        assertThat(session.envelopes().get(0).getRet()).isNull();
        assertThat(session.envelopes().get(0).getEnvelopeId()).isNull();
    }

    @Test
    void aRefusedParameterChangesNothing() throws IOException {
        ServedSession session = ServedSession.ordinary();
        session.play(SmtpSessionTest.HELLO + """
                C: MAIL FROM:<a@x.example> ENVID=a+0D+0A
                C: RCPT TO:<b@y.example>
                C: MAIL FROM:<a@x.example>
                C: RCPT TO:<b@y.example> NOTIFY=NEVER,FAILURE
                C: RCPT TO:<b@y.example> ORCPT=utf-8;é@y.example
                C: DATA
                S: 501 5.5.4 *
                S: 503 5.5.1 *
                S: 250 2.1.0 *
                S: 501 5.5.4 *
                S: 501 5.5.4 *
                S: 503 5.5.1 *
                """);
    }

    @Test
    void anOriginalRecipientInUtf8NeedsSmtpUtf8() {
        ServedSession session = ServedSession.ordinary();
        session.send("EHLO c\r\nMAIL FROM:<a@x.example> SMTPUTF8\r\n");
        assertThat(session.send("RCPT TO:<b@y.example> ORCPT=utf-8;é@y.example\r\n"))
                .singleElement()
                .asString()
                .startsWith("250");
    }

    /** Whoever may name any sender could have a report sent to anybody for each of its messages. */
    @Test
    void strangersAreNotOfferedReports() {
        ServedSession session = ServedSession.strangers();
        session.heard();
        assertThat(session.send("EHLO c\r\n")).isNotEmpty().noneMatch(line -> line.endsWith("DSN"));
        assertThat(session.send("MAIL FROM:<a@x.example> RET=FULL\r\n"))
                .singleElement()
                .asString()
                .startsWith("555 5.5.4");
    }

    /** They would use what is offered at once, and take the refusal for that of the mail. */
    @Test
    void strangersWhoseMailIsTakenAreNotOfferedWhatIsForAfterALogin() {
        IngressConfig.Listener relay = IngressConfig.Listener.relay("mx", new InetSocketAddress(0), List.of());
        for (Set<String> acceptFor : List.of(Set.of("y.example"), Set.<String>of())) {
            IngressConfig.Listener listener = new IngressConfig.Listener(
                    "mx",
                    relay.address(),
                    relay.tls(),
                    IngressConfig.Auth.OFFERED,
                    true,
                    List.of(),
                    acceptFor,
                    List.of(),
                    relay.handling());
            ServedSession session = ServedSession.on(listener);
            session.heard();
            assertThat(session.send("EHLO c\r\n").stream()
                            .filter(line -> line.contains("DSN") || line.contains("FUTURERELEASE")))
                    .hasSize(acceptFor.isEmpty() ? 2 : 0);
        }
    }
}
