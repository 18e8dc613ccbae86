package org.postroad.ingress.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HookAddressTest {
    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8080/mail?a=b, 127.0.0.1, 8080, /mail?a=b, http://127.0.0.1:8080/mail?a=b",
        "http://hook.example, hook.example, 80, /, http://hook.example:80/",
        "http://[::1]:81, ::1, 81, /, http://[::1]:81/"
    })
    void urls(String text, String host, int port, String path, String shown) {
        HookAddress address = HookAddress.ofHttp(text);
        assertThat(address).isEqualTo(new HookAddress(host, port, path));
        assertThat(address.httpText()).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:8891, 127.0.0.1, 8891, ''",
        "rspamd.mail:1, rspamd.mail, 1, ''",
        "[::1]:2, ::1, 2, ''",
        "unix:/run/m, '', 0, /run/m"
    })
    void milters(String text, String host, int port, String path) {
        HookAddress address = HookAddress.ofMilter(text);
        assertThat(address).isEqualTo(new HookAddress(host, port, path));
        assertThat(address.milterText()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "https://a/",
                "http:///",
                "http://a:0/",
                "http://a:70000/",
                "http://u@a/",
                "http://a/#f",
                "a:1",
                "http://a b/"
            })
    void noUrls(String text) {
        assertThatThrownBy(() -> HookAddress.ofHttp(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a:0", "a:70000", "a:1/x", "u@a:1", "unix:m", "inet:1@a", "http://a:1"})
    void noMilters(String text) {
        assertThatThrownBy(() -> HookAddress.ofMilter(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
