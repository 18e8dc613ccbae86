package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;
import org.postroad.schemas.policy.StandingPolicy;

class ProtocolLogTest {
    private static final String MESSAGE =
            "C: MAIL FROM:<a@x.example>\nC: RCPT TO:<b@y.example>\nC: DATA\nC: hidden\nC: .\n"
                    + "S: 250 *\nS: 250 *\nS: 354 *\nS: 250 2.0.0 *\n";

    static ProtocolRules about(String... subjects) {
        List<StandingPolicy> standing = Stream.of(subjects)
                .map(subject ->
                        new StandingPolicy(Aspect.PROTOCOL_LOG, subject, Map.of(), "why", "who", 0, Long.MAX_VALUE))
                .toList();
        return ProtocolRules.of(new Policies(standing), new IgnoredPolicies());
    }

    /** Who it was, and what was said, without what tells one session from another. */
    private static List<String> said(ServedSession session) {
        return session.logged.stream()
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .toList();
    }

    @Test
    void isEmptyUntilAnOperatorAsksForIt() throws IOException {
        ServedSession session = ServedSession.ordinary();
        session.play(SmtpSessionTest.HELLO + MESSAGE);
        assertThat(session.logged).isEmpty();
    }

    @Test
    void hasEachCommandAndReplyButNoContent() throws IOException {
        ServedSession session = ServedSession.ordinary();
        session.play(SmtpSessionTest.HELLO);
        session.protocolLog.follow(about("*"));
        session.play(MESSAGE + "C: QUIT\nS: 221 *\nS: [closed]\n");
        String queued = session.logged.get(7);
        assertThat(said(session))
                .containsExactly(
                        "relay 192.0.2.7 > MAIL FROM:<a@x.example>",
                        "relay 192.0.2.7 < 250 2.1.0 Sender OK",
                        "relay 192.0.2.7 > RCPT TO:<b@y.example>",
                        "relay 192.0.2.7 < 250 2.1.5 Recipient OK",
                        "relay 192.0.2.7 > DATA",
                        "relay 192.0.2.7 < 354 End data with <CR><LF>.<CR><LF>",
                        "relay 192.0.2.7 = content, 11 octets so far",
                        queued.substring(queued.indexOf(' ') + 1),
                        "relay 192.0.2.7 > QUIT",
                        "relay 192.0.2.7 < 221 2.0.0 Bye",
                        "relay 192.0.2.7 = closed");
        assertThat(queued).contains(" < 250 2.0.0 queued as ");
    }

    @Test
    void endsWhereThePolicyEnds() throws IOException {
        ServedSession session = ServedSession.ordinary();
        session.protocolLog.follow(about("*"));
        session.play(SmtpSessionTest.HELLO);
        int before = session.logged.size();
        session.protocolLog.follow(about());
        session.play(MESSAGE);
        assertThat(before).isPositive();
        assertThat(session.logged).hasSize(before);
    }

    @ParameterizedTest
    @CsvSource({
        "*, true",
        "listener=relay, true",
        "listener=mx, false",
        "client=192.0.2.7, true",
        "client=192.0.2.0/24, true",
        "client=192.0.3.0/24, false",
        "client=2001:db8::/32, false",
        "user=app, false",
    })
    void isOfWhomItIsAbout(String subject, boolean logged) throws IOException {
        ServedSession session = ServedSession.ordinary();
        session.protocolLog.follow(about("listener=other", subject));
        session.play(SmtpSessionTest.HELLO + MESSAGE);
        assertThat(!session.logged.isEmpty()).isEqualTo(logged);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "relay", "listener=", "listener", "client=mx.example", "client=10.0.0.0/33", "host=a", "=a"})
    void saysWhatASubjectIsThatMeansNothing(String subject) {
        assertThatThrownBy(() -> ProtocolRules.subject(subject)).isInstanceOf(IllegalArgumentException.class);
        assertThat(about(subject)).isSameAs(ProtocolRules.NONE);
    }

    @Test
    void isOneLineForEachOfTheClients() throws IOException {
        ServedSession session = ServedSession.ordinary();
        session.protocolLog.follow(about("*"));
        session.send("EHLO a\t\u00FC\nb\r\n".getBytes(ISO_8859_1));
        assertThat(said(session)).contains("relay 192.0.2.7 > EHLO a\\x09\\xFC (and 2 octets behind a bare line end)");
    }
}
