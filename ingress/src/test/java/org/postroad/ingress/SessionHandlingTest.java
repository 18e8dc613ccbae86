package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.ingress.IngressConfig.BareNewlines;
import org.postroad.ingress.IngressConfig.Handling;
import org.postroad.ingress.IngressConfig.Role;
import org.postroad.ingress.IngressConfig.Trace;
import org.postroad.schemas.Envelope;

/** What a listener does with the mail that comes through it. */
class SessionHandlingTest {
    private static final Handling SUBMISSION = new Handling(Role.SUBMISSION, Trace.FULL, BareNewlines.REFUSE);
    private static final Handling NORMALIZE = new Handling(Role.RELAY, Trace.FULL, BareNewlines.NORMALIZE);
    private static final Handling ALL = new Handling(Role.SUBMISSION, Trace.HIDE_CLIENT, BareNewlines.NORMALIZE);
    private static final String BEGIN = "EHLO c\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n";

    @Test
    void aSubmissionIsCompletedAndItsBccIsGone() {
        ServedSession session = mail(SUBMISSION, "To: b@y.example\r\nbcc : c@y.example,\r\n d@y.example\r\n\r\nhi\r\n");
        assertThat(session.contents()).containsExactly("To: b@y.example\r\n\r\nhi\r\n");
        Envelope envelope = session.envelopes().get(0);
        assertThat(ServedSession.text(envelope.getPrepend()))
                .matches("(?s)Received: from c \\(\\[192\\.0\\.2\\.7\\]\\)\r\n\tby mx\\.example with ESMTP id .*\r\n"
                        + "Message-ID: <" + envelope.getQueueId() + "@mx\\.example>\r\n"
                        + "Date: Sun, 1 Mar 2026 10:20:30 \\+0000\r\n");
    }

    @Test
    void aCompleteSubmissionAndARelayedMailGetTheirTraceLineAlone() {
        String complete = "Date: x\r\nMessage-ID: <y>\r\n\r\nhi\r\n";
        assertThat(prepend(mail(SUBMISSION, complete))).startsWith("Received:").doesNotContain("Date", "Message-ID");
        ServedSession relayed = mail(Handling.RELAY, "Bcc: c@y.example\r\n\r\nhi\r\n");
        assertThat(prepend(relayed)).doesNotContain("Date: ", "Message-ID");
        assertThat(relayed.contents()).containsExactly("Bcc: c@y.example\r\n\r\nhi\r\n");
    }

    @Test
    void textWithoutAHeaderSectionStaysTheText() {
        ServedSession session = mail(SUBMISSION, "Hello\r\n");
        assertThat(prepend(session)).endsWith("+0000\r\n\r\n");
        assertThat(session.contents()).containsExactly("Hello\r\n");
    }

    @Test
    void aHiddenClientIsNotInTheTraceLine() {
        String prepend = prepend(mail(new Handling(Role.RELAY, Trace.HIDE_CLIENT, BareNewlines.REFUSE), "x: y\r\n"));
        assertThat(prepend)
                .matches("(?s)Received: by mx\\.example with ESMTP id \\S+\r\n\tfor <b@y\\.example>; .*\r\n")
                .doesNotContain("192.0.2.7", "from");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1_000_000})
    void chunksMayCutTheHeaderSectionAnywhere(int split) {
        String content = "To: b@y.example\r\nBcc: c@y.example\r\n x\r\nResent-Bcc : d\r\nSubject: e\r\n\r\nBcc: hi\r\n";
        ServedSession session = ServedSession.handling(SUBMISSION);
        session.send(BEGIN);
        for (int at = 0; at < content.length(); at += split) {
            String chunk = content.substring(at, Math.min(content.length(), at + split));
            session.send("BDAT " + chunk.length() + "\r\n" + chunk);
        }
        session.send("BDAT 0 LAST\r\n");
        assertThat(session.contents()).containsExactly("To: b@y.example\r\nSubject: e\r\n\r\nBcc: hi\r\n");
    }

    @Test
    void whatIsHeldBackAtTheEndOfTheLastChunkIsKept() {
        for (String last : List.of("BDAT 8 LAST\r\nx: y\r\nBc", "BDAT 8\r\nx: y\r\nBcBDAT 0 LAST\r\n")) {
            ServedSession session = ServedSession.handling(ALL);
            session.send(BEGIN + last);
            assertThat(session.contents()).containsExactly("x: y\r\nBc");
        }
    }

    /** The deliverer would send what follows on a line of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"BDAT 2 LAST\r\nx\r", "BDAT 2\r\nx\rBDAT 0 LAST\r\n"})
    void aBareCrAtTheVeryEndIsRefusedWhateverTheLastChunk(String chunks) {
        ServedSession session = ServedSession.handling(Handling.RELAY);
        assertThat(session.send(BEGIN + chunks)).last().asString().startsWith("550 5.6.0");
        assertThat(session.envelopes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 900, 5_000, 100_000, 1_400_000})
    void anyContentIsExactButForWhatIsTakenOut(int size) {
        Random random = new Random(size);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        while (sent.size() < size) {
            byte[] field = ("X-" + "y".repeat(random.nextInt(900)) + ": z\r\n").getBytes(ISO_8859_1);
            byte[] blind = ("BCC:" + " w\r\n".repeat(1 + random.nextInt(20))).getBytes(ISO_8859_1);
            sent.writeBytes(blind);
            sent.writeBytes(field);
            kept.writeBytes(field);
        }
        byte[] body = "\r\n..\r\nBcc: hi\r\n".getBytes(ISO_8859_1);
        sent.writeBytes(body);
        kept.writeBytes("\r\n.\r\nBcc: hi\r\n".getBytes(ISO_8859_1));
        for (String size0 : List.of("", " SIZE=0", " SIZE=" + sent.size(), " SIZE=2000000")) {
            ServedSession session = ServedSession.handling(ALL);
            session.send("EHLO c\r\nMAIL FROM:<a@x.example>" + size0 + "\r\nRCPT TO:<b@y.example>\r\nDATA\r\n");
            byte[] octets = sent.toByteArray();
            for (int at = 0; at < octets.length; at += 1_447) {
                session.send(Arrays.copyOfRange(octets, at, Math.min(octets.length, at + 1_447)));
            }
            assertThat(session.send(".\r\n")).last().asString().startsWith("250 2.0.0 queued");
            assertThat(content(session)).isEqualTo(kept.toByteArray());
            session.channel.close();
            session.heard();
            assertThat(session.budget.held()).isZero();
        }
    }

    @Test
    void bareLineEndsAreNormalizedWhereTheListenerSaysSo() {
        assertThat(mail(NORMALIZE, "a\nb\rc\n..d\n.\nMAIL FROM:<x>\n.\r\n").contents())
                .containsExactly("a\r\nb c\r\n.d\r\n.\r\nMAIL FROM:<x>\r\n.\r\n");
        ServedSession chunks = ServedSession.handling(NORMALIZE);
        chunks.send(BEGIN + "BDAT 4\r\na\nb\rBDAT 3 LAST\r\n\nc\r");
        assertThat(chunks.contents()).containsExactly("a\r\nb\r\nc ");
    }

    @ParameterizedTest
    @MethodSource("org.postroad.ingress.SmugglingTest#sequences")
    void normalizedOrNotOnlyCrLfDotCrLfEndsContentHoweverItIsSplit(String sequence) {
        String dialog = BEGIN + "DATA\r\nx: y" + sequence + "MAIL FROM:<evil@x>\r\n\r\n.\r\nNOOP\r\n";
        String first = null;
        for (int split = 1; split < dialog.length(); split++) {
            ServedSession session = ServedSession.handling(ALL);
            byte[] octets = dialog.getBytes(ISO_8859_1);
            for (int at = 0; at < octets.length; at += split) {
                session.send(Arrays.copyOfRange(octets, at, Math.min(octets.length, at + split)));
            }
            assertThat(session.envelopes()).hasSize(1);
            String kept = session.contents().get(0);
            assertThat(kept).endsWith("MAIL FROM:<evil@x>\r\n\r\n");
            assertThat(kept.replace("\r\n", "")).doesNotContain("\r").doesNotContain("\n");
            first = first == null ? kept : first;
            assertThat(kept).isEqualTo(first);
        }
    }

    @Test
    void comingByThisHostAgainAndAgainIsALoop() {
        String received = "Received: from x by mx.example with ESMTP id 1\r\n".repeat(21);
        ServedSession session = ServedSession.ordinary();
        assertThat(session.send(BEGIN + "DATA\r\n" + received + "\r\n.\r\n"))
                .last()
                .asString()
                .startsWith("554 5.4.6");
    }

    private static ServedSession mail(Handling handling, String content) {
        ServedSession session = ServedSession.handling(handling);
        assertThat(session.send(BEGIN + "DATA\r\n" + content + ".\r\n"))
                .last()
                .asString()
                .startsWith("250 2.0.0 queued");
        return session;
    }

    private static String prepend(ServedSession session) {
        return ServedSession.text(session.envelopes().get(0).getPrepend());
    }

    private static byte[] content(ServedSession session) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        session.chunks().forEach(content::writeBytes);
        return content.size() > 0
                ? content.toByteArray()
                : session.contents().get(0).getBytes(ISO_8859_1);
    }
}
