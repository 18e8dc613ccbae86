package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contents with {@code |} for CRLF: what stays of each, and which fields it lacks, wherever it is cut. */
class SubmittedHeaderTest {
    @ParameterizedTest
    @CsvSource({
        // where the field stands
        "'Bcc: a@x|To: b@x||text|', 'To: b@x||text|'",
        "'To: b@x|Bcc: a@x||text|', 'To: b@x||text|'",
        "'To: b@x|Bcc: a@x|', 'To: b@x|'",
        "'To: b@x|Bcc: a@x', 'To: b@x|'",
        "'Bcc: a@x|', ''",
        "'Bcc: a@x||text|', '|text|'",
        "'Bcc:|To: b@x||', 'To: b@x||'",
        // folded, also over a line of spaces, and next to fields that are
        "'Bcc: a@x,| b@x,|\tc@x|To: d@x,| e@x||', 'To: d@x,| e@x||'",
        "'Bcc: a@x,| \t |  b@x|To: d@x||', 'To: d@x||'",
        "'To: d@x,| bcc: e@x|Bcc: a@x||', 'To: d@x,| bcc: e@x||'",
        "'Bcc: a@x||| b@x|', '|| b@x|'",
        // several, in any letter case, in the obsolete syntax
        "'BCC: a@x|bcc:b@x|bCc:|Bcc: c@x|X: y||', 'X: y||'",
        "'Bcc : a@x|Bcc \t : b@x|X: y||', 'X: y||'",
        "'Resent-Bcc: a@x|RESENT-BCC : b@x|X: y||', 'X: y||'",
        // what only looks like one
        "'X-Bcc: a|Bccx: b|Bc: c|Bcc-: d|Resent-: e|||', 'X-Bcc: a|Bccx: b|Bc: c|Bcc-: d|Resent-: e|||'",
        "'X: y|Bcc|Bcc a@x|Bcc a: x||', 'X: y|Bcc|Bcc a@x|Bcc a: x||'",
        "'X: y||Bcc: text|', 'X: y||Bcc: text|'",
        "'|Bcc: text|', '|Bcc: text|'",
        "'Hello|Bcc: text||Bcc: text|', 'Hello|Bcc: text||Bcc: text|'",
        "'Subject: re|Resent-Bc', 'Subject: re|Resent-Bc'",
        "'X: y|Bcc', 'X: y|Bcc'",
        "'X: y|Bcc  ', 'X: y|Bcc  '",
        // a line in the header section that is no field does not end it
        "'X: y|garbage|Bcc: a@x||text|', 'X: y|garbage||text|'",
        // no mail at all, and lone ends
        "'', ''",
        "'|', '|'",
        "'X', 'X'",
    })
    void bccIsTakenOutAndEverythingElseStays(String text, String stays) {
        byte[] octets = octets(text);
        for (int split = 1; split <= Math.max(1, octets.length); split++) {
            assertThat(filtered(new SubmittedHeader(), octets, split))
                    .as("cut after every %s", split)
                    .isEqualTo(octets(stays));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'Date: x|Message-ID: <y>||', ''",
        "'DATE: x|message-id:<y>||', ''",
        "'date : x|Message-Id \t: <y>', ''",
        "'Date:||', 'Message-ID: <q>|'",
        "'Message-ID: <y>||Date: x|', 'Date: now|'",
        "'Subject: x|', 'Message-ID: <q>|Date: now|'",
        "'X-Date: x|Dates: x|Message-IDs: x|Resent-Date: x|Resent-Message-ID: <y>||', 'Message-ID: <q>|Date: now|'",
        "'Subject: x| Date: y||', 'Message-ID: <q>|Date: now|'",
        "'Bcc: a| Date: y|Date: x||', 'Message-ID: <q>|'",
        // no header section at all: ours must not run into the text
        "'Hello,|Date: x||', 'Message-ID: <q>|Date: now||'",
        "'Hello', 'Message-ID: <q>|Date: now||'",
        "' Subject: x|', 'Message-ID: <q>|Date: now||'",
        "': x|', 'Message-ID: <q>|Date: now||'",
        "'|Hello|', 'Message-ID: <q>|Date: now|'",
        "'', 'Message-ID: <q>|Date: now|'",
        "'From a@x Mon Nov 23|Date: x||', 'Message-ID: <q>|'",
    })
    void saysWhatIsLacking(String text, String lacking) {
        byte[] octets = octets(text);
        for (int split = 1; split <= Math.max(1, octets.length); split++) {
            SubmittedHeader header = new SubmittedHeader();
            filtered(header, octets, split);
            assertThat(header.lacking("q", "now")).isEqualTo(lacking.replace("|", "\r\n"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bcc", "bcc ", "Resent-Bcc", "X-Long", "Bccc"})
    void holdsLittleHoweverLongALineIs(String name) {
        SubmittedHeader header = new SubmittedHeader();
        byte[] line = new byte[100_000];
        Arrays.fill(line, (byte) ' ');
        System.arraycopy(octets(name), 0, line, 0, name.length());
        byte[] buffer = new byte[200];
        for (byte octet : line) {
            int from = header.held();
            buffer[from] = octet;
            header.filter(buffer, 0, from, from + 1);
            assertThat(header.held()).isLessThanOrEqualTo(64);
        }
    }

    @Test
    void aHeaderSectionOfManyMegabytesPasses() {
        String fields = "Bcc: secret@x,\r\n more@x\r\nX-Kept: y\r\n".repeat(50_000);
        byte[] kept = octets("X-Kept: y|".repeat(50_000));
        for (int split : new int[] {1_021, 65_536, 1_000_003}) {
            assertThat(filtered(new SubmittedHeader(), fields.getBytes(ISO_8859_1), split))
                    .isEqualTo(kept);
        }
    }

    @Test
    void withoutABccOctetsStayWhateverTheyAre() {
        Random random = new Random(42);
        String alphabet = "bcC: \t\r\nresnt-X";
        for (int round = 0; round < 2_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(60); i > 0; i--) {
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                text.append(c == '\r' || c == '\n' ? "\r\n" : String.valueOf(c));
            }
            byte[] octets = text.toString().getBytes(ISO_8859_1);
            byte[] whole = filtered(new SubmittedHeader(), octets, Math.max(1, octets.length));
            assertThat(filtered(new SubmittedHeader(), octets, 1))
                    .as(text.toString())
                    .isEqualTo(whole);
            if (!text.toString().matches("(?is).*bcc[ \t]*:.*")) {
                assertThat(whole).isEqualTo(octets);
            }
        }
    }

    /** As {@link IncomingContent} does it: each part comes behind as much room as is held. */
    private static byte[] filtered(SubmittedHeader header, byte[] octets, int split) {
        byte[] buffer = new byte[octets.length + 100];
        int count = 0;
        for (int at = 0; at < octets.length; at += split) {
            int n = Math.min(split, octets.length - at);
            int from = count + header.held();
            System.arraycopy(octets, at, buffer, from, n);
            count = header.filter(buffer, count, from, from + n);
        }
        return Arrays.copyOf(buffer, header.finish(buffer, count));
    }

    private static byte[] octets(String text) {
        return text.replace("|", "\r\n").getBytes(ISO_8859_1);
    }
}
