package org.postroad.ingress.hook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeldHeaderTest {

    /** Fields, then the octets taken that are no field, then what was not taken. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', emptyValue = "", textBlock = """
            A: b~C: d~~text~          | A: b~,C: d~    | ''   | ~text~
            A: b~ more~\tand more~C:~~ | A: b~ more~\tand more~,C:~ | '' | ~
            A : b~~                    | A : b~         | ''   | ~
            A: b~no field~C: d~~       | A: b~          | no   | ' field~C: d~~'
            A: b~no: field~            | A: b~,no: field~ | '' | ''
            no field~                  | ''             | no   | ' field~'
            ~A: b~                     | ''             | ''   | ~A: b~
            ' A: b~'                   | ''             | ''   | ' A: b~'
            From a 1:2~A: b~~          | From a 1:2~,A: b~ | '' | ~
            From a~ more~A: b~~        | From a~ more~,A: b~ | '' | ~
            From a                     | ''             | From a | ''
            From: a~From b~C: d~       | From: a~       | From | ' b~C: d~'
            Fro a~A: b~                | ''             | Fro  | ' a~A: b~'
            :b~                        | ''             | ''   | :b~
            A: b                       | ''             | A: b | ''
            A: b~C                     | A: b~          | C    | ''
            A: b~C: d                  | A: b~          | C: d | ''
            ''                         | ''             | ''   | ''
            """)
    void endsAtTheEmptyLineOrTheFirstLineThatIsNoField(String text, String fields, String tail, String rest) {
        byte[] octets = crlf(text).getBytes(ISO_8859_1);
        for (int cut = 0; cut <= octets.length; cut++) {
            HeldHeader header = new HeldHeader();
            int taken = header.take(octets, 0, cut);
            taken = taken < cut ? taken : header.take(octets, cut, octets.length);
            String left = new String(octets, taken, octets.length - taken, ISO_8859_1);
            header.finish();
            assertThat(header.fields())
                    .isEqualTo(
                            fields.isEmpty() ? List.of() : List.of(crlf(fields).split(",")));
            // A space may yet stand before the colon, so where it is known that there is none, it is taken already.
            String kept = new String(header.tail(), ISO_8859_1) + left;
            assertThat(kept).isEqualTo(crlf(tail + rest));
            assertThat(String.join("", header.fields()) + kept).isEqualTo(crlf(text));
        }
    }

    @Test
    void moreThanIsHeldIsTooLong() {
        byte[] field = ("A: " + "b".repeat(95) + "\r\n").getBytes(ISO_8859_1);
        HeldHeader header = new HeldHeader();
        for (int i = 0; i < HeldHeader.MOST_OCTETS / field.length; i++) {
            header.take(field, 0, field.length);
        }
        assertThat(header.isTooLong()).isFalse();
        header.take(field, 0, field.length);
        assertThat(header.isTooLong()).isTrue();
        assertThat(header.held()).isBetween(2 * HeldHeader.MOST_OCTETS - field.length, 4 * HeldHeader.MOST_OCTETS);
    }

    /** A field of four octets takes many times that of memory. */
    @Test
    void moreFieldsThanAreHeldAreTooLong() {
        byte[] fields = "a:\r\n".repeat(HeldHeader.MOST_FIELDS).getBytes(ISO_8859_1);
        HeldHeader header = new HeldHeader();
        header.take(fields, 0, fields.length);
        assertThat(header.isTooLong()).isFalse();
        assertThat(header.held()).isGreaterThan(HeldHeader.MOST_FIELDS * 150);
        header.take(fields, 0, 4);
        assertThat(header.isTooLong()).isTrue();
    }

    private static String crlf(String text) {
        return text.replace("~", "\r\n").replace("\\t", "\t");
    }
}
