package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a listener's clients hear beyond the limits that are configured for it. */
class ListenerLimitsTest {
    private static final ListenerLimits STRICT =
            new ListenerLimits(5, 3, 2, 3, 2, 4, Duration.ofSeconds(20), Duration.ofSeconds(10), 100, 1_000, 1_100);
    private static final String MAIL = "MAIL FROM:<a@x.example>\r\n";
    private static final String BEGIN = MAIL + "RCPT TO:<b@y.example>\r\nDATA\r\n";

    private final ServedSession session = ServedSession.within(STRICT);

    private void greet() throws IOException {
        session.play("S: 220 *\n");
        assertThat(session.send("EHLO c\r\n")).contains("250-SIZE 1000", "250-LIMITS RCPTMAX=2 MAILMAX=3");
    }

    private String answer(String command) {
        return String.join("\n", session.send(command));
    }

    @Test
    void messagesOfASession() throws IOException {
        greet();
        for (int i = 0; i < 3; i++) {
            session.send(BEGIN);
            assertThat(answer("x\r\n.\r\n")).startsWith("250 2.0.0");
        }
        assertThat(answer(MAIL)).startsWith("421 4.7.0 Too many messages");
        assertThat(session.closed()).isTrue();
        assertThat(session.envelopes()).hasSize(3);
    }

    @Test
    void whatWasRefusedIsOneOfTheSessionsMessages() throws IOException {
        greet();
        assertThat(session.send("MAIL FROM:<> SIZE=9999\r\n" + MAIL + MAIL))
                .extracting(line -> line.substring(0, 9))
                .containsExactly("552 5.3.4", "250 2.1.0", "503 5.5.1");
        assertThat(answer("RSET\r\n" + MAIL)).contains("421 4.7.0 Too many messages");
    }

    @Test
    void recipientsOfAMessage() throws IOException {
        greet();
        assertThat(session.send(
                        MAIL + "RCPT TO:<b@y.example>\r\nRCPT TO:<c@y.example>\r\nRCPT TO:<d@y.example>\r\nDATA\r\n"))
                .extracting(line -> line.substring(0, 9))
                .containsExactly("250 2.1.0", "250 2.1.5", "250 2.1.5", "452 4.5.3", "354 End d");
        assertThat(answer("x\r\n.\r\n")).startsWith("250 2.0.0");
        assertThat(session.envelopes().get(0).getRecipients()).hasSize(2);
    }

    @Test
    void errors() throws IOException {
        greet();
        assertThat(session.send("FROB\r\n".repeat(10)))
                .hasSize(4)
                .last()
                .asString()
                .startsWith("421 4.7.0");
        assertThat(session.closed()).isTrue();
    }

    @Test
    void idleCommandsAreBorneFiveTimesAsOften() throws IOException {
        greet();
        assertThat(session.send("NOOP\r\n".repeat(100)))
                .hasSize(20)
                .last()
                .asString()
                .startsWith("421 4.7.0");
    }

    @Test
    void timeForACommand() throws IOException {
        greet();
        assertThat(session.wait(Duration.ofSeconds(19))).isEmpty();
        session.send("NOOP\r\n");
        session.send("NO"); // half a command is none
        assertThat(session.wait(Duration.ofSeconds(19))).isEmpty();
        assertThat(session.wait(Duration.ofSeconds(1)))
                .singleElement()
                .asString()
                .startsWith("421 4.4.2");
        assertThat(session.closed()).isTrue();
    }

    @Test
    void timeWithoutContentIsShorterThanThatForACommand() throws IOException {
        greet();
        session.send(BEGIN);
        session.wait(Duration.ofSeconds(15)); // before the first of it, it is a command's
        session.send("x".repeat(2_000)); // enough for the least rate
        assertThat(session.wait(Duration.ofSeconds(9))).isEmpty();
        session.send("x".repeat(10));
        assertThat(session.wait(Duration.ofSeconds(9))).isEmpty();
        assertThat(session.wait(Duration.ofSeconds(2)))
                .singleElement()
                .asString()
                .startsWith("421 4.4.2");
    }

    @ParameterizedTest
    @ValueSource(ints = {50, 90, 100, 150})
    void leastRate(int octetsASecond) throws IOException {
        greet();
        session.send(BEGIN);
        List<String> heard = List.of();
        for (int second = 0; second < 300 && heard.isEmpty(); second++) {
            session.send((second % 10 == 0 ? "\r\n" : "") + "x".repeat(octetsASecond));
            heard = session.wait(Duration.ofSeconds(1));
        }
        assertThat(heard.isEmpty()).isEqualTo(octetsASecond >= 100);
        assertThat(session.closed()).isEqualTo(octetsASecond < 100);
    }

    @Test
    void sizeOfAMessage() throws IOException {
        greet();
        assertThat(answer("MAIL FROM:<> SIZE=1001\r\n")).startsWith("552 5.3.4");
        session.send(BEGIN);
        assertThat(answer("x".repeat(100).concat("\r\n").repeat(11) + ".\r\n")).startsWith("552 5.3.4");
        session.send(MAIL + "RCPT TO:<b@y.example>\r\n");
        assertThat(answer("BDAT 2001 LAST\r\n")).startsWith("552 5.3.4");
        assertThat(session.envelopes()).isEmpty();
    }

    @Test
    void lengthOfACommand() throws IOException {
        greet();
        assertThat(answer("NOOP " + "x".repeat(1_093) + "\r\n")).startsWith("250 2.0.0");
        assertThat(answer("NOOP " + "x".repeat(1_094) + "\r\n")).startsWith("500 5.5.2 Line too long");
        assertThat(answer("NOOP\r\n")).startsWith("250 2.0.0");
    }
}
