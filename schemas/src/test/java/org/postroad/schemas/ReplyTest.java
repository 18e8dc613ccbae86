package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplyTest {
    @ParameterizedTest
    @CsvSource({
        "451 4.3.0 Try again, 451, 4.3.0, Try again",
        "250 ok, 250, 2.0.0, ok",
        "250, 250, 2.0.0, ''",
        "550 4.1.1 the classes differ, 550, 5.0.0, the classes differ",
        "550 5.1.1, 550, 5.1.1, ''",
        "354 go on, 354, 2.0.0, go on",
        "450 4.1234.1 no status, 450, 4.0.0, 4.1234.1 no status",
        "450 4.1 no status, 450, 4.0.0, 4.1 no status",
        "450 3.1.1 no status, 450, 4.0.0, 3.1.1 no status"
    })
    void readsCodeStatusAndText(String line, int code, String status, String text) {
        Reply reply = Reply.parse(line);
        assertThat(reply.code()).isEqualTo(code);
        assertThat(reply.statusOrUndefined()).hasToString(status);
        assertThat(reply.text()).isEqualTo(text);
    }
}
