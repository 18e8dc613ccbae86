package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DotDecoderTest {
    private static final String[] PIECES = {
        "\r\n", "\r\n", ".", "..", "a", "some text of a line", "\0", "\u00e4", "\r\n.\r\n", "\r", "\n", "\r\n."
    };

    /** What decoding found: the octets, whether a bare CR or LF was among them, and what was left over. */
    private record Found(String content, boolean bare, boolean ended, int unread) {}

    @ParameterizedTest
    @CsvSource({
        "'.|', '', false, 0",
        "'a|.|', 'a|', false, 0",
        "'a|..|.|', 'a|.|', false, 0",
        "'..|.|NOOP|', '.|', false, 6",
        "'.a|.|', 'a|', false, 0",
        "'|.|', '|', false, 0",
        "'a<.<b|.|', 'a<.<b|', true, 0",
        "'a>.>b|.|', 'a>.>b|', true, 0",
        "'a|.<|.|', 'a|<|', true, 0",
    })
    void findsTheEndAndTakesDotsOff(String wire, String content, boolean bare, int unread) {
        assertThat(decode(octets(wire), Integer.MAX_VALUE))
                .isEqualTo(new Found(new String(octets(content), ISO_8859_1), bare, true, unread));
    }

    @RepeatedTest(300)
    void unstuffingUndoesStuffingForEverySplit(RepetitionInfo run) {
        Random random = new Random(run.getCurrentRepetition());
        String content = randomText(random).replaceAll("\r(?!\n)|(?<!\r)\n", "") + "\r\n";
        content = content.replaceAll("\r(?!\n)", "").replaceAll("(?<!\r)\n", "");
        byte[] wire = stuff(content);
        for (int split = 1; split <= wire.length; split++) {
            assertThat(decode(wire, split)).isEqualTo(new Found(content, false, true, 0));
        }
    }

    @RepeatedTest(300)
    void octetsOneAtATimeEqualOctetsAtOnce(RepetitionInfo run) {
        byte[] wire = (randomText(new Random(run.getCurrentRepetition())) + "\r\n.\r\n").getBytes(ISO_8859_1);
        Found whole = decode(wire, wire.length);
        for (int split = 1; split < wire.length; split++) {
            assertThat(decode(wire, split)).isEqualTo(whole);
        }
    }

    private static String randomText(Random random) {
        StringBuilder text = new StringBuilder();
        int count = random.nextInt(12);
        for (int i = 0; i < count; i++) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }

    /** RFC 5321 section 4.5.2, as a client does it. */
    private static byte[] stuff(String content) {
        String stuffed = content.startsWith(".") ? "." + content : content;
        return (stuffed.replace("\r\n.", "\r\n..") + ".\r\n").getBytes(ISO_8859_1);
    }

    private static Found decode(byte[] wire, int split) {
        DotDecoder decoder = new DotDecoder();
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        int unread = 0;
        for (int from = 0; from < wire.length; ) {
            int to = (int) Math.min(wire.length, (long) from + split);
            if (decoder.ended()) {
                unread += to - from;
            } else {
                // Decoding happens within a larger array that has octets before and behind.
                byte[] room = new byte[to - from + 7];
                System.arraycopy(wire, from, room, 5, to - from);
                int end = decoder.decode(room, 5, 5 + to - from);
                content.write(room, 5, end - 5);
                unread += decoder.unread();
                assertThat(Arrays.copyOfRange(room, 5 + to - from - decoder.unread(), 5 + to - from))
                        .isEqualTo(Arrays.copyOfRange(wire, to - decoder.unread(), to));
            }
            from = to;
        }
        return new Found(content.toString(ISO_8859_1), decoder.bareLineEnd(), decoder.ended(), unread);
    }

    /** "|" is CRLF, "&lt;" a bare LF, "&gt;" a bare CR. */
    private static byte[] octets(String text) {
        return text.replace("|", "\r\n").replace('<', '\n').replace('>', '\r').getBytes(ISO_8859_1);
    }
}
