package org.postroad.deliverer.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.Reply;
import org.postroad.schemas.TlsPolicy;

class GreetingTest {
    @ParameterizedTest
    @CsvSource({
        "NONE, 220 hi;250 STARTTLS, READY",
        "OPPORTUNISTIC, 220 hi;250 STARTTLS, STARTTLS",
        "OPPORTUNISTIC, 220 hi;250 STARTTLS;220 go, HANDSHAKE",
        "OPPORTUNISTIC, 220 hi;250 STARTTLS;454 no, BREAK",
        "OPPORTUNISTIC, 220 hi;250 SIZE, READY",
        "REQUIRED, 220 hi;250 SIZE, BREAK",
        "REQUIRED, 220 hi;502 what;250 hi, BREAK",
        "OPPORTUNISTIC, 220 hi;502 what, HELO",
        "OPPORTUNISTIC, 220 hi;502 what;250 hi, READY",
        "OPPORTUNISTIC, 220 hi;502 what;502 what, BREAK",
        "OPPORTUNISTIC, 220 hi;421 later, BREAK",
        "OPPORTUNISTIC, 554 no, BREAK",
        "OPPORTUNISTIC, 354 go, BREAK",
        "OPPORTUNISTIC, 220 hi, EHLO"
    })
    void opens(TlsPolicy tls, String replies, Greeting.Move last) {
        Greeting greeting = new Greeting(tls);
        Greeting.Move move = Greeting.Move.EHLO;
        for (String reply : replies.split(";", -1)) {
            Reply parsed = Reply.parse(reply);
            move = greeting.replied(new Reply(parsed.code(), null, List.of("mx.test", parsed.text())), false);
        }
        assertThat(move).isEqualTo(last);
    }

    @Test
    void forgetsWhatWasOfferedBeforeTls() {
        Greeting greeting = new Greeting(TlsPolicy.REQUIRED);
        greeting.replied(Reply.parse("220 hi"), false);
        greeting.replied(new Reply(250, null, List.of("mx.test", "STARTTLS", "PIPELINING", "SIZE 9")), false);
        greeting.replied(Reply.parse("220 go"), false);
        assertThat(greeting.handshaken()).isEqualTo(Greeting.Move.EHLO);
        assertThat(greeting.offered()).isEqualTo(Capabilities.NONE);
        assertThat(greeting.replied(new Reply(250, null, List.of("mx.test", "STARTTLS")), false))
                .isEqualTo(Greeting.Move.READY);
        assertThat(greeting.offered().pipelining()).isFalse();
        assertThat(greeting.isEncrypted()).isTrue();
    }

    @Test
    void whoSpeaksOutOfTurnIsNotBelieved() {
        Greeting greeting = new Greeting(TlsPolicy.OPPORTUNISTIC);
        assertThat(greeting.replied(Reply.parse("220 hi"), true)).isEqualTo(Greeting.Move.BREAK);
        assertThat(greeting.breakdown().kind()).isEqualTo(Breakdown.Kind.GARBAGE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SIZE|0",
                "SIZE 0|0",
                "size 1000|1000",
                "SIZE  77 |77",
                "SIZE garbage|0",
                "SIZE -1|0",
                "SIZE 99999999999999999999|0"
            })
    void readsSizes(String line, long octets) {
        Capabilities offered = Capabilities.of(new Reply(250, null, List.of("mx.test", line)));
        assertThat(offered.size()).isTrue();
        assertThat(offered.maxOctets()).isEqualTo(octets);
    }

    @Test
    void ignoresWhatItDoesNotKnowAndItsOwnGreetingLine() {
        Reply ehlo = new Reply(250, null, List.of("PIPELINING", "X-THING 1", "", "8bitmime", "SMTPUTF8", "8BITMIME"));
        assertThat(Capabilities.of(ehlo)).isEqualTo(new Capabilities(false, false, true, true, false, false, false, 0));
    }
}
