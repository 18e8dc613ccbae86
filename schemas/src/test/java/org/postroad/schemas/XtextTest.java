package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class XtextTest {
    @ParameterizedTest
    @CsvSource({"'', ''", "abc, abc", "a+2Bb, a+b", "+3D+20+7E, '= ~'", "+2B+2B, ++", "a\\x{E9}, a\\x{E9}"})
    void standsForText(String xtext, String text) {
        assertThat(Xtext.decode(xtext)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b", "a=b", "+", "+4", "+4+41", "+3d", "+G0", "+-1", "+0D+0A", "+00", "+7F", "+80", "+FF", "+09",
                "a\u00e9", "\u2028", "\tx"
            })
    void elseItIsNone(String xtext) {
        assertThat(Xtext.isWellFormed(xtext)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "rfc822;a+2Bb@c.test, rfc822, a+b@c.test",
        "RFC822;x, RFC822, x",
        "x400;/C=US/, x400, null",
        "x400;/C+3DUS/, x400, /C=US/",
        "utf-8;\u00e9@c.test, utf-8, \u00e9@c.test",
        "UTF-8;\\x{E9}@c.test, UTF-8, \\x{E9}@c.test",
        "rfc822;\u00e9@c.test, rfc822, null",
        "utf-8;a\u0085b, utf-8, null",
        "rfc822, rfc822, null",
        "rfc822;, rfc822, null",
        ";a@b, '', null",
        "rfc 822;a@b, '', null",
        "'rfc822;a b', '', null",
        "rfc822;a+0Ab, '', null",
        "(x);a, '', null",
    })
    void anOriginalRecipientHasATypeAndAnAddress(String parameter, String type, String address) {
        assertThat(OriginalRecipient.parse(parameter))
                .isEqualTo(address.equals("null") ? null : new OriginalRecipient(type, address));
    }

    @Test
    void anOriginalRecipientHasFiveHundredOctetsAtMost() {
        assertThat(OriginalRecipient.parse("rfc822;" + "a".repeat(493))).isNotNull();
        assertThat(OriginalRecipient.parse("rfc822;" + "a".repeat(494))).isNull();
        assertThat(OriginalRecipient.parse("utf-8;" + "\u00e9".repeat(248))).isNull();
    }
}
