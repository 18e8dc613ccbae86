package org.postroad.ingress.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Header sections of raw messages, and the line ends before them. */
class HeaderSectionTest {
    private static final String ADDED = "Date: now/Message-ID: <id>/";

    private static HeaderSection of(String slashed, boolean hasBody) throws UnfitRequestException {
        byte[] octets = slashed.replace("/", "\r\n").getBytes(UTF_8);
        return HeaderSection.of(octets, octets.length, hasBody, "<id>", "now");
    }

    private static String text(HeaderSection section) {
        return new String(section.octets(), UTF_8).replace("\r\n", "/");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "From: a/To: b//|From: a/To: b/" + ADDED + "/",
                "From: a/BCC: x,/ y/\tz/To: b//|From: a/To: b/" + ADDED + "/",
                "Bcc: x//|" + ADDED + "/",
                "Resent-Bcc : x/Resent-To: y//|Resent-To: y/" + ADDED + "/",
                "date: then/MESSAGE-ID: <m>//|date: then/MESSAGE-ID: <m>//",
                "X-Bcc: x/Subject: Bcc: y/ Bcc: z//|X-Bcc: x/Subject: Bcc: y/ Bcc: z/" + ADDED + "/",
            })
    void completes(String section, String wanted) throws Exception {
        assertThat(text(of(section, true))).isEqualTo(wanted);
        assertThat(text(of(section.substring(0, section.length() - 1), false))).isEqualTo(wanted);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "no field//",
                " From: a//",
                "From a b//",
                ": a//",
                "From: a/text//",
                "From MAILER Mon//",
                "F\u00fc: a//"
            })
    void refusesWhatIsNoHeaderSection(String section) {
        assertThatThrownBy(() -> of(section, true)).isInstanceOf(UnfitRequestException.class);
    }

    @Test
    void knowsUtf8FromOtherOctets() throws Exception {
        assertThat(of("Subject: \u00fc//", true).isUtf8()).isTrue();
        assertThat(of("Subject: u//", true).isUtf8()).isFalse();
        byte[] latin1 = "Subject: \u00fc\r\n\r\n".getBytes(ISO_8859_1);
        assertThat(HeaderSection.of(latin1, latin1.length, true, "<id>", "now").isUtf8())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "a\\r\\nb\\r\\n, a\\r\\nb\\r\\n, false",
        "a\\nb, a\\r\\nb\\r\\n, false",
        "\\n\\n, \\r\\n\\r\\n, false",
        "a\\rb, a\\rb\\r\\n, true",
        "a\\r\\r\\n, a\\r\\r\\n, true",
        "a\\r, a\\r\\r\\n, true",
        "'', '', false"
    })
    void everyLineEndsInCrLf(String given, String wanted, boolean loneCr) {
        LineEnds lineEnds = new LineEnds();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte octet : unescaped(given).getBytes(UTF_8)) {
            lineEnds.take(octet, out::write);
        }
        lineEnds.end(out::write);
        assertThat(out.toString(UTF_8)).isEqualTo(unescaped(wanted));
        assertThat(lineEnds.hasLoneCr()).isEqualTo(loneCr);
    }

    private static String unescaped(String text) {
        return text.replace("\\r", "\r").replace("\\n", "\n");
    }
}
