package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AsciiTest {
    @Test
    void foldsTheLettersOfAsciiAlone() {
        assertThat(Ascii.lower("MaiL-Z[@`{9")).isEqualTo("mail-z[@`{9");
        assertThat(Ascii.upper("MaiL-z[@`{9")).isEqualTo("MAIL-Z[@`{9");
        assertThat(Ascii.equalsIgnoringCase("POSTmaster", "postMASTER")).isTrue();
        assertThat(Ascii.equalsIgnoringCase("postmaster", "postmaste")).isFalse();
        assertThat(Ascii.startsWithIgnoringCase("from:<>", "FROM:")).isTrue();
        assertThat(Ascii.startsWithIgnoringCase("fro", "FROM:")).isFalse();
    }

    @Test
    void whatUnicodeFoldsIntoAsciiStaysWhatItIs() {
        assertThat(Ascii.upper("ma\u0131l")).isNotEqualTo("MAIL");
        assertThat(Ascii.lower("\u212Aent")).isNotEqualTo("kent");
        assertThat(Ascii.lower("MA\u0130L")).isEqualTo("ma\u0130l");
        assertThat(Ascii.equalsIgnoringCase("po\u017Ftmaster", "postmaster")).isFalse();
    }
}
