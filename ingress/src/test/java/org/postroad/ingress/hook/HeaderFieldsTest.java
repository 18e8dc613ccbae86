package org.postroad.ingress.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderFieldsTest {
    private final HeaderFields fields =
            new HeaderFields(List.of("Subject: s\r\n", "X-A:  1\r\n\tmore\r\n", "x-a : 2\r\n"));

    @Test
    void namesAreComparedWithoutCaseAndTheRemovedOnesAreCounted() {
        fields.remove("X-A", 1);
        fields.remove("X-A", 2);
        fields.remove("X-A", 3);
        assertThat(fields.text()).isEqualTo("Subject: s\r\n");
    }

    @Test
    void changesAreMadeWhereTheFieldStands() {
        fields.change(2, HeaderFields.field("X-A", "new", false));
        fields.change(0, HeaderFields.field("subject", "t", false));
        fields.change(1, HeaderFields.field("X-B", "added", false));
        fields.insert(1, HeaderFields.field("X-C", "third", false));
        fields.insert(99, HeaderFields.field("X-D", "last", false));
        assertThat(fields.text())
                .isEqualTo("subject: t\r\nX-C: third\r\nX-A:  1\r\n\tmore\r\nX-A: new\r\nX-B: added\r\nX-D: last\r\n");
        assertThat(fields.length()).isEqualTo(fields.text().length());
    }

    @Test
    void aCopyChangesByItself() {
        HeaderFields copy = fields.copy();
        copy.remove("Subject", 1);
        assertThat(fields.text()).startsWith("Subject: s\r\n");
    }

    @Test
    void valuesAreGivenWithOrWithoutTheSpacesBeforeThem() {
        HeaderFields.Field folded = fields.fields().get(1);
        assertThat(folded.value(true)).isEqualTo("  1\n\tmore");
        assertThat(folded.value(false)).isEqualTo("1\n\tmore");
        assertThat(fields.fields().get(2).name()).isEqualTo("x-a");
    }

    /** No milter can end the header section, or begin another field, by a value. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a                | X: a~",
                "a\\n\\tb         | X: a~\\tb~",
                "a\\r\\n b        | X: a~ b~",
                "a\\nEvil: b      | X: a~\\tEvil: b~",
                "a\\n\\nb         | X: a~\\t~\\tb~",
                "a\\n             | X: a~",
                "''               | 'X: ~'"
            })
    void aValueStaysOneField(String value, String text) {
        String made = HeaderFields.field("X", unescaped(value), false).text();
        assertThat(made).isEqualTo(unescaped(text).replace("~", "\r\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"''", "a b", "a:b", "\u00e9"})
    void whatIsNoNameIsNoField(String name) {
        assertThatThrownBy(() -> HeaderFields.field(name, "v", false)).isInstanceOf(IllegalArgumentException.class);
    }

    private static String unescaped(String text) {
        return text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
    }
}
