package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Recipient;

/** Whose mail is taken for whom, and in which forms people and devices write it. */
class AddressesTest {
    private final ServedSession session = ServedSession.ordinary();

    @Test
    void takesMailOfAnybodyForTheDomainsItIsTheExchangerOf() throws IOException {
        IngressConfig.Listener listener = new IngressConfig.Listener(
                "mx",
                new InetSocketAddress(0),
                IngressConfig.Tls.NONE,
                IngressConfig.Auth.NONE,
                false,
                List.of(),
                Set.of("ours.example", "*.below.example", "xn--strae-oqa.example"),
                List.of(),
                IngressConfig.Handling.RELAY);
        ServedSession.on(listener).play(SmtpSessionTest.STRANGERS_HELLO + """
                        C: MAIL FROM:<a@x.example> SMTPUTF8
                        C: RCPT TO:<b@OURS.example>
                        C: RCPT TO:<b@a.below.example>
                        C: RCPT TO:<b@c.a.below.example>
                        C: RCPT TO:<b@stra\u00dfe.example>
                        C: RCPT TO:<postmaster>
                        C: RCPT TO:<@ours.example:b@ours.example>
                        C: RCPT TO:<b@below.example>
                        C: RCPT TO:<b@not-ours.example>
                        C: RCPT TO:<b@x.ours.example>
                        C: RCPT TO:<@ours.example:b@evil.example>
                        C: RCPT TO:<b@[127.0.0.1]>
                        S: 250 2.1.0 *
                        S: 250 2.1.5 *
                        S: 250 2.1.5 *
                        S: 250 2.1.5 *
                        S: 250 2.1.5 *
                        S: 250 2.1.5 *
                        S: 250 2.1.5 *
                        S: 550 5.7.1 *
                        S: 550 5.7.1 *
                        S: 550 5.7.1 *
                        S: 550 5.7.1 *
                        S: 550 5.7.1 *
                        """);
    }

    @Test
    void takesAddressesInFormsOfTheirOwnFromThoseWhoMayRelay() throws IOException {
        String longLocalPart = "bounce+" + "x".repeat(200) + "=y";
        session.play(SmtpSessionTest.HELLO + """
                C: MAIL FROM:<root>SIZE=10
                C: RCPT TO: b@y.example
                C: RCPT TO:<root>
                C: RCPT TO:<%s@z.example>
                C: DATA
                C: .
                S: 250 2.1.0 *
                S: 250 2.1.5 *
                S: 250 2.1.5 *
                S: 250 2.1.5 *
                S: 354 *
                S: 250 2.0.0 *
                """.formatted(longLocalPart));
        Envelope envelope = session.envelopes().get(0);
        assertThat(envelope.getReversePath()).isEqualTo("root@mx.example");
        assertThat(envelope.getRecipients())
                .extracting(Recipient::getAddress)
                .containsExactly("b@y.example", "root@mx.example", longLocalPart + "@z.example");
        assertThat(session.gauge("postroad_ingress_odd_addresses_total", "relay", "taken"))
                .isEqualTo(3);
    }

    @Test
    void strangersHearWhatIsWrongWithTheirAddresses() throws IOException {
        ServedSession stranger = ServedSession.strangers().play(SmtpSessionTest.STRANGERS_HELLO + """
                        C: MAIL FROM:a@x.example
                        S: 501 5.5.4 *
                        C: MAIL FROM:<root>
                        S: 501 5.1.7 *
                        """);
        assertThat(stranger.gauge("postroad_ingress_odd_addresses_total", "relay", "refused"))
                .isEqualTo(2);
    }

    @Test
    void aGreetingOfWhateverWordsIsMadeHarmlessInTheTraceLine() throws IOException {
        session.play("""
                S: 220 *
                C: HELO My Printer (5)
                S: 250 *
                C: MAIL FROM:<>
                C: RCPT TO:<b@y.example>
                C: DATA
                C: .
                S: 250 *
                S: 250 *
                S: 354 *
                S: 250 *
                """);
        Envelope envelope = session.envelopes().get(0);
        assertThat(envelope.getReceived().getGreeting()).isEqualTo("My Printer (5)");
        assertThat(ServedSession.text(envelope.getPrepend())).startsWith("Received: from My?Printer??5? ([192.0.2.7])");
    }
}
