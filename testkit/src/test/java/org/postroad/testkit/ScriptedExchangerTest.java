package org.postroad.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.security.KeyStore;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.postroad.broker.PortInUseException;

class ScriptedExchangerTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @Test
    void takesAMailAndKeepsItsOctets() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting())) {
            play(exchanger, """
                    S: 220 exchanger.test ESMTP
                    C: EHLO client.test
                    S: 250-exchanger.test
                    S: 250-PIPELINING
                    S: 250-SIZE 52428800
                    S: 250-8BITMIME
                    S: 250-SMTPUTF8
                    S: 250 ENHANCEDSTATUSCODES
                    C: MAIL FROM:<a@client.test> SIZE=5 BODY=8BITMIME
                    S: 250 2.1.0 *
                    C: RCPT TO:<b@x.test> NOTIFY=NEVER
                    S: 250 2.1.5 *
                    C: DATA
                    S: 354 *
                    C: ..dots\\xff
                    C: bare \\n and \\r
                    C: .
                    S: 250 2.0.0 *
                    C: QUIT
                    S: 221 *
                    S: [closed]
                    """);
            ReceivedMail mail = exchanger.awaitMails(1, SOON).get(0);
            assertThat(mail.reversePath()).isEqualTo("a@client.test");
            assertThat(mail.mailParameters()).isEqualTo("SIZE=5 BODY=8BITMIME");
            assertThat(mail.recipients()).containsExactly(new ReceivedMail.Recipient("b@x.test", "NOTIFY=NEVER"));
            assertThat(mail.contentText()).isEqualTo(".dots\u00ff\r\nbare \n and \r\r\n");
            assertThat(mail.tls()).isFalse();
            assertThat(exchanger.transcript(1))
                    .contains("C: RCPT TO:<b@x.test> NOTIFY=NEVER", "S: 250 2.1.5 recipient ok");
        }
    }

    @Test
    void givesEachRecipientOfATransactionItsFate() throws Exception {
        Script script = Script.accepting()
                .rcpt("deferred@*", "451 4.2.0 later")
                .rcpt("refused@*", "550-5.1.1 no such", "550 5.1.1 user");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script)) {
            play(exchanger, """
                    S: 220 *
                    C: HELO client.test
                    S: 250 *
                    C: MAIL FROM:<>
                    C: RCPT TO:<deferred@x.test>
                    C: RCPT TO:<Refused@x.test>
                    C: RCPT TO:<taken@x.test>
                    C: DATA
                    S: 250 *
                    S: 451 4.2.0 later
                    S: 550-5.1.1 no such
                    S: 550 5.1.1 user
                    S: 250 *
                    S: 354 *
                    C: .
                    S: 250 *
                    """);
            ReceivedMail mail = exchanger.awaitMails(1, SOON).get(0);
            assertThat(mail.recipientAddresses()).containsExactly("taken@x.test");
            assertThat(mail.reversePath()).isEmpty();
            assertThat(mail.content()).isEmpty();
        }
    }

    @Test
    void greylistsEachPairOfReversePathAndRecipient() throws Exception {
        Script script = Script.accepting().rcptFirst(1, "*@grey.test", "451 4.7.1 come again");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script)) {
            play(exchanger, """
                    S: 220 *
                    C: HELO client.test
                    C: MAIL FROM:<a@client.test>
                    C: RCPT TO:<b@grey.test>
                    C: RCPT TO:<b@grey.test>
                    C: RCPT TO:<c@grey.test>
                    C: RCPT TO:<c@white.test>
                    C: RSET
                    C: MAIL FROM:<other@client.test>
                    C: RCPT TO:<b@grey.test>
                    S: 250 *
                    S: 250 *
                    S: 451 *
                    S: 250 *
                    S: 451 *
                    S: 250 *
                    S: 250 *
                    S: 250 *
                    S: 451 *
                    """);
        }
    }

    @Test
    void takesManyMailsInOneFlightAcrossTheDot() throws Exception {
        String mail = "C: MAIL FROM:<a@x.test>\nC: RCPT TO:<b@x.test>\nC: DATA\nC: text\nC: .\n";
        String replies = "S: 250 2.1.0 *\nS: 250 2.1.5 *\nS: 354 *\nS: 250 2.0.0 *\n";
        try (ScriptedExchanger exchanger = ScriptedExchanger.startCounting(Script.accepting(), 0, 1)) {
            play(exchanger, "S: 220 *\n" + mail.repeat(50) + replies.repeat(50));
            assertThat(exchanger.counts())
                    .extracting(ExchangerCounts::mails, ExchangerCounts::recipients, ExchangerCounts::octets)
                    .containsExactly(50L, 50L, 50L * 6);
        }
    }

    @Test
    void aDelayedReplyDelaysThoseThatFollowIt() throws Exception {
        Script script = Script.accepting()
                .first(1, Point.MAIL, Effect.delay(Duration.ofMillis(50), Effect.reply("250 2.1.0 late")));
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script)) {
            play(exchanger, """
                    S: 220 *
                    C: MAIL FROM:<a@x.test>
                    C: RCPT TO:<b@x.test>
                    C: NOOP
                    S: 250 2.1.0 late
                    S: 250 2.1.5 *
                    S: 250 2.0.0 ok
                    """);
        }
    }

    @Test
    void countsNoMailWhoseDotWasNotAnsweredWith250() throws Exception {
        Script script =
                Script.accepting().first(1, Point.DOT, "451 4.3.0 not now").first(2, Point.DOT, Effect.close());
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script)) {
            play(exchanger, """
                    S: 220 *
                    C: MAIL FROM:<a@x.test>
                    C: RCPT TO:<b@x.test>
                    C: DATA
                    C: .
                    S: 250 *
                    S: 250 *
                    S: 354 *
                    S: 451 4.3.0 not now
                    C: MAIL FROM:<a@x.test>
                    C: RCPT TO:<b@x.test>
                    C: DATA
                    C: .
                    S: 250 *
                    S: 250 *
                    S: 354 *
                    S: [closed]
                    """);
            assertThat(exchanger.counts().mails()).isZero();
        }
    }

    @Test
    void endsConnectionsInEachWay() throws Exception {
        Script script = Script.accepting()
                .first(1, Point.CONNECT, Effect.reset())
                .first(1, Point.CONNECT, Effect.halfReply("220 banner"))
                .first(1, Point.CONNECT, Effect.reply("421 4.3.2 closing").then(Effect.close()));
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script)) {
            play(exchanger, "S: [closed]");
            play(exchanger, "S: 220 b\nS: [closed]");
            play(exchanger, "S: 421 4.3.2 closing\nS: [closed]");
            play(exchanger, "S: 220 exchanger.test ESMTP");
            assertThat(exchanger.counts().connections()).isEqualTo(4);
        }
    }

    @Test
    void saysThingsThatNobodyAsked() throws Exception {
        Script script = Script.accepting()
                .at(Point.MAIL, Effect.reply("250 ok").then(Effect.reply("250 extra")))
                .at(Point.IDLE, Effect.reply("421 4.4.2 idle").then(Effect.close()));
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script)) {
            play(exchanger, """
                    S: 220 *
                    C: MAIL FROM:<a@x.test>
                    S: 250 ok
                    S: 250 extra
                    C: RCPT TO:<b@x.test>
                    C: DATA
                    C: .
                    S: 250 *
                    S: 354 *
                    S: 250 *
                    S: 421 4.4.2 idle
                    S: [closed]
                    """);
        }
    }

    @Test
    void refusesConnectionsBeyondItsLimit() throws Exception {
        try (ScriptedExchanger exchanger =
                        ScriptedExchanger.start(Script.accepting().maxConnections(1));
                SmtpDialog first = new SmtpDialog(exchanger.address(), SOON)) {
            Transcript.of("S: 220 *").play(first);
            play(exchanger, "S: 421 4.7.0 too many connections\nS: [closed]");
            assertThat(exchanger.counts().maxOpenConnections()).isEqualTo(1);
        }
    }

    @Test
    void speaksTlsAfterStartTls() throws Exception {
        Script script = Script.accepting().startTls(ExchangerCertificate.VALID);
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                SmtpDialog dialog = new SmtpDialog(exchanger.address(), SOON)) {
            Transcript.of("S: 220 *\nC: STARTTLS\nS: 220 *").play(dialog);
            dialog.startTls(trusting(ExchangerCertificate.VALID));
            Transcript.of("""
                    C: EHLO client.test
                    S: 250-exchanger.test
                    S: 250-PIPELINING
                    S: 250-SIZE *
                    S: 250-8BITMIME
                    S: 250-SMTPUTF8
                    S: 250 ENHANCEDSTATUSCODES
                    C: MAIL FROM:<a@x.test>
                    C: RCPT TO:<b@x.test>
                    C: DATA
                    C: .
                    S: 250 *
                    S: 250 *
                    S: 354 *
                    S: 250 *
                    """).play(dialog);
            assertThat(exchanger.awaitMails(1, SOON))
                    .extracting(ReceivedMail::tls)
                    .containsExactly(true);
        }
    }

    @Test
    void showsAnExpiredCertificate() {
        assertThatThrownBy(() -> ExchangerCertificate.EXPIRED.certificate().checkValidity())
                .isInstanceOf(java.security.cert.CertificateExpiredException.class);
    }

    @Test
    void tellsThatMailsDidNotCome() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting())) {
            assertThatThrownBy(() -> exchanger.awaitMails(1, Duration.ofMillis(1)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("of 1 mails 0 have come");
        }
    }

    @Test
    void namesThePortThatIsInUse() throws Exception {
        try (ScriptedExchanger first = ScriptedExchanger.start(Script.accepting())) {
            assertThatThrownBy(() -> ScriptedExchanger.start(Script.accepting(), first.port()))
                    .isInstanceOf(PortInUseException.class);
        }
    }

    private static void play(ScriptedExchanger exchanger, String dialog) throws IOException {
        try (SmtpDialog client = new SmtpDialog(exchanger.address(), SOON)) {
            Transcript.of(dialog).play(client);
        }
    }

    private static SSLContext trusting(ExchangerCertificate trusted) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("exchanger", trusted.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
