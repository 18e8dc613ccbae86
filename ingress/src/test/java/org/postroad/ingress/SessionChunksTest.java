package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** BDAT as RFC 3030 has it. */
class SessionChunksTest {
    private static final String BEGIN = "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n";

    private final ServedSession session = ServedSession.ordinary();

    @BeforeEach
    void greet() {
        session.heard();
        session.send("EHLO c\r\n");
    }

    @AfterEach
    void nothingIsHeld() {
        session.channel.close();
        session.heard();
        assertThat(session.budget.held()).isZero();
    }

    @Test
    void contentIsWhatTheChunksWereWithoutAnyDotTakenAway() {
        session.send(BEGIN);
        assertThat(session.send("BDAT 7\r\n..a\r\n.\r"))
                .singleElement()
                .asString()
                .startsWith("250 2.0.0");
        assertThat(session.send("BDAT 1\r\n\n")).singleElement().asString().startsWith("250 2.0.0");
        assertThat(session.send("BDAT 0\r\n")).singleElement().asString().startsWith("250 2.0.0");
        assertThat(session.send("BDAT 4 LAST\r\n.\r\nx"))
                .singleElement()
                .asString()
                .startsWith("250 2.0.0 queued");
        assertThat(session.contents()).containsExactly("..a\r\n.\r\n.\r\nx");
    }

    @Test
    void aWholePipelineInOneSegmentIsTaken() {
        String message = BEGIN + "BDAT 3\r\na\r\nBDAT 3\r\nb\r\nBDAT 0 LAST\r\n";
        List<String> heard = session.send(message + message + "QUIT\r\n");
        assertThat(heard).filteredOn(line -> line.contains("queued as")).hasSize(2);
        assertThat(heard).last().asString().startsWith("221");
        assertThat(session.contents()).containsExactly("a\r\nb\r\n", "a\r\nb\r\n");
    }

    @Test
    void octetsOneAtATimeAreTheSame() {
        for (byte octet : (BEGIN + "BDAT 5\r\na\r\n.\rBDAT 1 LAST\r\n\nNOOP\r\n").getBytes(ISO_8859_1)) {
            session.channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {octet}));
        }
        assertThat(session.heard()).last().asString().startsWith("250 2.0.0 OK");
        assertThat(session.contents()).containsExactly("a\r\n.\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 100_000, 1_800_000})
    void contentOfAnySizeInChunksOfAnySizesArrivesWhole(int size) {
        byte[] content = new byte[size];
        Random random = new Random(size);
        random.nextBytes(content);
        for (int i = 0; i < size; i++) {
            content[i] = content[i] == '\r' || content[i] == '\n' ? (byte) '.' : content[i];
        }
        session.send(BEGIN);
        List<String> heard = List.of();
        for (int at = 0; at < size; ) {
            int chunk = Math.min(size - at, 1 + random.nextInt(300_000));
            session.send("BDAT " + chunk + (at + chunk == size ? " LAST" : "") + "\r\n");
            byte[] octets = Arrays.copyOfRange(content, at, at + chunk);
            heard = session.send(octets);
            at += chunk;
        }
        assertThat(heard).singleElement().asString().startsWith("250 2.0.0 queued");
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        session.chunks().forEach(kept::writeBytes);
        if (size <= ServedSession.INLINE_UP_TO) {
            kept.writeBytes(session.contents().get(0).getBytes(ISO_8859_1));
        }
        assertThat(Arrays.equals(kept.toByteArray(), content)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "EHLO c/ ~ 503 5.5.1 Send MAIL",
                "MAIL FROM:<>/ ~ 503 5.5.1 No valid recipient",
                "MAIL FROM:<> SIZE=99999999/RCPT TO:<b@y.example>/ ~ 503 5.5.1 Send MAIL",
            })
    void octetsOfARefusedChunkAreNoCommands(String before, String reply) {
        session.send(before.replace("/", "\r\n"));
        assertThat(session.send("BDAT 6 LAST\r\nNOOP\r\nRSET\r\n"))
                .satisfiesExactly(first -> assertThat(first).startsWith(reply), second -> assertThat(second)
                        .startsWith("250 2.0.0 Reset"));
        assertThat(session.envelopes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\rb", "a\n", "\r"})
    void aBareLineEndIsRefusedWhereverItStands(String content) {
        session.send(BEGIN);
        session.send("BDAT " + content.length() + "\r\n" + content);
        List<String> last = session.send("BDAT 1 LAST\r\nx");
        assertThat(last).last().asString().matches("(550 5.6.0|503 5.5.1) .*");
        assertThat(session.envelopes()).isEmpty();
    }

    @Test
    void afterAnErrorTheRestOfTheMessageIsRefusedUntilAnotherBegins() {
        session.send(BEGIN);
        assertThat(session.send("BDAT 3\r\na\nb")).singleElement().asString().startsWith("550 5.6.0");
        assertThat(session.send("BDAT 1 LAST\r\nx")).singleElement().asString().startsWith("503 5.5.1");
        session.send(BEGIN);
        assertThat(session.send("BDAT 1 LAST\r\nx")).singleElement().asString().startsWith("250 2.0.0 queued");
    }

    @Test
    void contentBegunByBdatIsNotEndedByDataAndResetForgetsIt() {
        session.send(BEGIN);
        session.send("BDAT 1\r\nx");
        assertThat(session.send("DATA\r\n")).singleElement().asString().startsWith("503 5.5.1");
        assertThat(session.send("RCPT TO:<c@y.example>\r\n"))
                .singleElement()
                .asString()
                .startsWith("503 5.5.1");
        assertThat(session.send("MAIL FROM:<>\r\n")).singleElement().asString().startsWith("503 5.5.1");
        assertThat(session.send("RSET\r\n")).singleElement().asString().startsWith("250 2.0.0");
        assertThat(session.send("BDAT 1 LAST\r\nx")).singleElement().asString().startsWith("503 5.5.1");
        assertThat(session.envelopes()).isEmpty();
    }

    @Test
    void tooLargeIsSaidWhereItIsAndWhatNobodyWouldReadEndsTheSession() {
        session.send(BEGIN);
        session.send("BDAT 1900000\r\n" + "x".repeat(1_900_000));
        assertThat(session.send("BDAT 200000 LAST\r\n" + "x".repeat(200_000)))
                .singleElement()
                .asString()
                .startsWith("552 5.3.4");
        session.send(BEGIN);
        assertThat(session.send("BDAT 999999999999\r\n"))
                .singleElement()
                .asString()
                .startsWith("552 5.3.4");
        assertThat(session.closed()).isTrue();
    }

    @Test
    void aMessageOfManyChunksIsTakenAndOneOfManyTinyOnesIsNot() {
        session.send(BEGIN);
        for (int i = 0; i < 2_500; i++) {
            assertThat(session.send("BDAT 600\r\n" + "x".repeat(598) + "\r\n")).hasSize(1);
        }
        assertThat(session.send("BDAT 0 LAST\r\n")).last().asString().startsWith("250 2.0.0 queued");
        session.send(BEGIN);
        List<String> heard = session.send("BDAT 1\r\nx".repeat(2_500));
        assertThat(heard).hasSize(2_000).last().asString().startsWith("421 4.7.0");
    }

    @Test
    void chunksBehindARefusedOneAreNoErrorsOfTheClient() {
        session.send(BEGIN);
        List<String> heard = session.send("BDAT 3\r\na\nb" + ("BDAT 600\r\n" + "x".repeat(600)).repeat(41));
        assertThat(heard).hasSize(42);
        assertThat(session.send("NOOP\r\n")).containsExactly("250 2.0.0 OK");
    }

    @Test
    void chunksThatTrickleEndTheSession() {
        session.send(BEGIN + "BDAT 1000\r\n" + "x".repeat(1_000));
        int seconds = 0;
        while (!session.closed() && seconds < 1_000) {
            session.send("BDAT 1\r\nx");
            session.wait(Duration.ofSeconds(10));
            seconds += 10;
        }
        assertThat(seconds).isBetween(290, 330);
    }

    @Test
    void aSizeNobodyCanReadEndsTheSession() {
        session.send(BEGIN);
        assertThat(session.send("BDAT ten\r\nMAIL FROM:<evil@x.example>\r\n"))
                .singleElement()
                .asString()
                .startsWith("501 5.5.4");
        assertThat(session.closed()).isTrue();
    }
}
