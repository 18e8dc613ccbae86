package org.postroad.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TranscriptTest {
    @Test
    void clientLinesInARowAreOneFlight() {
        Transcript transcript = Transcript.of("""
                a remark
                S: 220 hi
                C: A
                C: B
                S: 250 ok
                """);
        assertThat(transcript.turns()).extracting(TranscriptTest::sent).containsExactly("", "A\r\nB\r\n");
        assertThat(transcript.turns())
                .extracting(Transcript.Turn::expected)
                .containsExactly(List.of("220 hi"), List.of("250 ok"));
    }

    @Test
    void escapesStandForOctets() {
        Transcript.Turn turn = Transcript.of("C: \\x00\\xff\\r\\n\\t\\\\\u00e9\nC: half\\")
                .turns()
                .get(0);
        assertThat(new String(turn.sent(), StandardCharsets.ISO_8859_1))
                .isEqualTo("\0\u00ff\r\n\t\\\u00c3\u00a9\r\nhalf");
    }

    @Test
    void saysWhatDiffers() {
        assertThatThrownBy(() -> Transcript.of("C: NOOP\nS: 250 *").play(answering("500 what")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("NOOP")
                .hasMessageContaining("500 what");
        assertThatThrownBy(() -> Transcript.of("C: QUIT\nS: 221 *\nS: [closed]").play(answering("221 bye")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("did not close");
    }

    private static String sent(Transcript.Turn turn) {
        return new String(turn.sent(), StandardCharsets.ISO_8859_1);
    }

    private static Transcript.Exchange answering(String line) {
        return new Transcript.Exchange() {
            @Override
            public List<String> exchange(byte[] flight, int lineCount) {
                return List.of(line);
            }

            @Override
            public boolean closed() {
                return false;
            }
        };
    }
}
