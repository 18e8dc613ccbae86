package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BareLineEndsTest {
    /** R is CR, N is LF. */
    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "aRNb, aRNb",
        "aNb, aRNb",
        "NNN, RNRNRN",
        "aRb, 'a b'",
        "aRRNb, 'a RNb'",
        "aRNNb, aRNRNb",
        "aR, 'a '",
        "aN.N, aRN.RN",
        "aN..b, aRN.b",
        "aN.b, aRN.b",
        "aN...b, aRN..b",
        "aRN..b, aRN..b",
        "N.RN, RN.RN",
        "R.R, ' . '",
    })
    void endsLinesInCrLfHoweverTheyAreCut(String text, String lines) {
        byte[] octets = octets(text);
        for (int split = 1; split <= Math.max(1, octets.length); split++) {
            assertThat(normalized(octets, split)).isEqualTo(octets(lines));
        }
    }

    /** Whoever sends chunks doubles no dots. */
    @Test
    void withoutTransparencyDotsStay() {
        byte[] lines = octets("aN..bN...R");
        byte[] buffer = new byte[64];
        System.arraycopy(lines, 0, buffer, 32, lines.length);
        BareLineEnds lineEnds = new BareLineEnds(false);
        int count = lineEnds.finish(buffer, lineEnds.normalize(buffer, 0, 32, 32 + lines.length));
        assertThat(Arrays.copyOf(buffer, count)).isEqualTo(octets("aRN..bRN... "));
    }

    private static byte[] normalized(byte[] octets, int split) {
        BareLineEnds lineEnds = new BareLineEnds(true);
        byte[] buffer = new byte[2 * octets.length + split + 2];
        int count = 0;
        for (int at = 0; at < octets.length; at += split) {
            int n = Math.min(split, octets.length - at);
            int from = count + n + 1;
            System.arraycopy(octets, at, buffer, from, n);
            count = lineEnds.normalize(buffer, count, from, from + n);
        }
        return Arrays.copyOf(buffer, lineEnds.finish(buffer, count));
    }

    private static byte[] octets(String text) {
        return text.replace('R', '\r').replace('N', '\n').getBytes(ISO_8859_1);
    }
}
