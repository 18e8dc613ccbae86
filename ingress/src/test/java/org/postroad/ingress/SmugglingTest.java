package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sequences that one server or another has taken for the end of content: here only CRLF.CRLF is (CVE-2023-51764 and kin). */
class SmugglingTest {
    private static final String BEGIN = "EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n";
    private static final String SMUGGLED = "MAIL FROM:<evil@x>\r\nRCPT TO:<victim@y>\r\nDATA\r\nowned";
    private static final String END = "\r\n.\r\nNOOP\r\n";

    static Stream<String> sequences() {
        return Stream.of(
                "\n.\n",
                "\n.\r",
                "\r.\n",
                "\r.\r",
                "\n.\r\n",
                "\r.\r\n",
                "\r\n.\r\r\n",
                "\r\r\n.\r\r\n",
                "\r\n.\n",
                "\r\n.\r",
                "\r\n\n.\r\n\n",
                "\r\n.\r\r\n.\n");
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void refusesBareLineEndsAfterTheRealEndHoweverTheOctetsAreSplit(String sequence) {
        String dialog = BEGIN + "text" + sequence + SMUGGLED + END;
        List<String> whole = replies(dialog, dialog.length());
        assertThat(whole.subList(whole.size() - 3, whole.size()))
                .containsExactly(
                        "354 End data with <CR><LF>.<CR><LF>",
                        "550 5.6.0 Bare CR or LF in the content",
                        "250 2.0.0 OK");
        assertThat(replies(dialog, 1)).isEqualTo(whole);
        for (int split = BEGIN.length(); split < dialog.length(); split++) {
            assertThat(replies(dialog, split)).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @MethodSource("harmless")
    void keepsWhatOnlyLooksLikeAnEndInTheContent(String sequence) {
        String dialog = BEGIN + "text" + sequence + "more" + END;
        for (int split = 1; split < dialog.length(); split++) {
            ServedSession session = ServedSession.ordinary();
            send(session, dialog, split);
            assertThat(session.contents()).containsExactly("text" + sequence.replace("\r\n.", "\r\n") + "more\r\n");
        }
    }

    static Stream<String> harmless() {
        return Stream.of("\r\n\0.\r\n", "\r\n.\0\r\n", "\r\n. \r\n");
    }

    private static List<String> replies(String dialog, int split) {
        ServedSession session = ServedSession.ordinary();
        List<String> replies = send(session, dialog, split);
        assertThat(session.kafka.history()).isEmpty();
        return replies;
    }

    private static List<String> send(ServedSession session, String dialog, int split) {
        byte[] octets = dialog.getBytes(ISO_8859_1);
        List<String> replies = new ArrayList<>();
        for (int from = 0; from < octets.length; from += split) {
            byte[] segment = java.util.Arrays.copyOfRange(octets, from, Math.min(octets.length, from + split));
            replies.addAll(session.send(segment));
        }
        return replies;
    }
}
