package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.postroad.ingress.quota.Amount;
import org.postroad.ingress.quota.Quota;
import org.postroad.ingress.quota.Subject;

/** Rates and quotas in the dialog, from 192.0.2.7, as far as they cost no Kafka. */
class SessionQuotaTest {
    private static final String HELLO = SmtpSessionTest.HELLO;
    private static final String MAIL = "C: MAIL FROM:<a@x.example>\nS: 250 *\nC: RSET\nS: 250 *\n";
    private static final String TOO_FAST = "450 4.7.1 This client may send 2 messages a minute, wait a moment";

    @Test
    void mailBeyondARateWaitsAMoment() throws IOException {
        ServedSession session = ServedSession.limited(clients("192.0.2.0/24", List.of("2/m"), List.of()));
        session.play(
                HELLO + MAIL + MAIL + "C: MAIL FROM:<>\nS: " + TOO_FAST + "\nC: RCPT TO:<b@y.example>\nS: 503 *\n");
        session.wait(Duration.ofSeconds(30));
        session.play(MAIL + "C: MAIL FROM:<>\nS: " + TOO_FAST + "\nC: QUIT\nS: 221 *\nS: [closed]\n");
    }

    @Test
    void othersAreNotCounted() throws IOException {
        ServedSession session = ServedSession.limited(clients("198.51.100.0/24", List.of("1/m"), List.of("1/m")));
        session.play(HELLO + MAIL + MAIL + MAIL);
    }

    @Test
    void recipientsBeyondARateAreRefusedAndTheMessageGoesToTheOthers() throws IOException {
        ServedSession session = ServedSession.limited(clients("192.0.2.7", List.of(), List.of("2/m")));
        session.play(HELLO + """
                C: MAIL FROM:<a@x.example>
                S: 250 *
                C: RCPT TO:<b@y.example>
                S: 250 *
                C: RCPT TO:<c@y.example>
                S: 250 *
                C: RCPT TO:<d@y.example>
                S: 452 4.7.1 This client may send to 2 recipients a minute, wait a moment
                C: DATA
                S: 354 *
                C: .
                S: 250 *
                """);
        assertThat(session.envelopes().get(0).getRecipients()).hasSize(2);
        assertThat(session.registry.getSampleValue(
                        "postroad_ingress_over_limit_total",
                        new String[] {"for", "what"},
                        new String[] {"client", "recipients"}))
                .isEqualTo(1);
    }

    @Test
    void aMessageMayNotHaveMoreRecipientsThanItsQuota() throws IOException {
        ServedSession session = ServedSession.limited(clients("192.0.2.0/24", List.of(), List.of("1/d")));
        session.play(HELLO + """
                C: MAIL FROM:<a@x.example>
                S: 250 *
                C: RCPT TO:<b@y.example>
                S: 250 *
                C: RCPT TO:<c@y.example>
                S: 452 4.7.1 This client may send to 1 recipients a day
                """);
    }

    /** Of a message that is complete, and whose claim nobody answers. */
    @Test
    void aClaimThatIsNotAnsweredIsA451AndNothingIsKept() throws IOException {
        ServedSession session = ServedSession.limited(clients("192.0.2.0/24", List.of("1000/h"), List.of()));
        session.play(
                HELLO + "C: MAIL FROM:<>\nS: 250 *\nC: RCPT TO:<b@y.example>\nS: 250 *\nC: DATA\nS: 354 *\nC: .\n");
        assertThat(session.wait(Duration.ofSeconds(9))).isEmpty();
        assertThat(session.wait(Duration.ofSeconds(1)))
                .singleElement()
                .asString()
                .startsWith("451 4.3.0 ");
        assertThat(session.envelopes()).isEmpty();
        assertThat(session.kafka.history()).singleElement().satisfies(claim -> assertThat(claim.topic())
                .isEqualTo("quotas"));
        assertThat(session.gauge("postroad_ingress_octets_in_flight")).isZero();
        session.play("C: NOOP\nS: 250 *\n");
    }

    private static Quota clients(String network, List<String> mails, List<String> recipients) {
        return new Quota(
                Subject.CLIENT, List.of(), List.of(Network.parse(network)), amounts(mails), amounts(recipients));
    }

    private static List<Amount> amounts(List<String> texts) {
        return texts.stream().map(Amount::parse).toList();
    }
}
