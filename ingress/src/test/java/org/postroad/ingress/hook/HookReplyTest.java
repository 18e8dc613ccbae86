package org.postroad.ingress.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HookReplyTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "550 5.7.1 No                      | 550 5.7.1 No",
                "550                               | 550 5.7.1",
                "451 later                         | 451 4.7.1 later",
                "550 4.7.1 of another class        | 550 5.7.1 of another class",
                "550-5.7.1 one~550 5.7.1 two       | 550 5.7.1 one / two",
                "550 5.7.1 one~550 5.7.1 two       | 550 5.7.1 one / two",
                "421 4.7.0 go away                 | 451 4.7.0 go away",
                "550 5.7.1 a\u00e9\tb              | 550 5.7.1 a??b",
                "550 5.7.1 a\u0085b\u2028c         | 550 5.7.1 a?b?c",
                "550 5.7.1 a\rb                   | 550 5.7.1 a?b"
            })
    void aReplyIsReadAsAHookHasIt(String text, String reply) {
        assertThat(HookReply.parse(text.replace("~", "\r\n")).toString().stripTrailing())
                .isEqualTo(reply);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "250 2.0.0 fine",
                "354 go on",
                "5xx no",
                "55",
                "560 none",
                "5501",
                "550 a\r\nMAIL FROM:<>",
                "550 a\r\n250 b"
            })
    void whatIsNoRefusalIsNone(String text) {
        assertThatThrownBy(() -> HookReply.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
