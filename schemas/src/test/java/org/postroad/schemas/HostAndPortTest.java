package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostAndPortTest {
    @ParameterizedTest
    @CsvSource({
        "mx.example.org, mx.example.org, 0, mx.example.org",
        "MX.Example.org:2525, mx.example.org, 2525, mx.example.org:2525",
        "192.0.2.1:25, 192.0.2.1, 25, 192.0.2.1:25",
        "2001:db8::1, 2001:db8::1, 0, [2001:db8::1]",
        "[2001:db8::1], 2001:db8::1, 0, [2001:db8::1]",
        "[2001:db8::1]:25, 2001:db8::1, 25, [2001:db8::1]:25"
    })
    void readsWhatOperatorsWrite(String text, String host, int port, String again) {
        assertThat(HostAndPort.parse(text))
                .isEqualTo(new HostAndPort(host, port))
                .hasToString(again);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "mx.example.org:",
                "mx.example.org:65536",
                "mx..example",
                "a b",
                "[::g]:25",
                "x:y:z",
                "-a.b"
            })
    void saysWhatIsWanted(String text) {
        assertThatThrownBy(() -> HostAndPort.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("an exchanger such as");
    }
}
