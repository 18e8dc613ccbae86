package org.postroad.schemas.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectorTextTest {
    @Test
    void theSameWordsAreTheSameText() {
        assertThat(Selector.of(Map.of("user", "ann", "domain", "a.test")).text())
                .isEqualTo("domain=a.test&user=ann");
        assertThat(Selector.of(Map.of("all", "true")).text()).isEqualTo("all");
        assertThat(Selector.parse("all=true").text()).isEqualTo("all");
    }

    @Test
    void anyWordCanBeSaid() {
        Selector selector = Selector.of(Map.of("reply", "a=b & 100% + \u00e9", "sender", "<>"));
        assertThat(selector.text()).isEqualTo("reply=a=b%20%26%20100%25%20%2B%20\u00e9&sender=<>");
        assertThat(Selector.parse(selector.text())).isEqualTo(selector);
    }

    @ParameterizedTest
    @CsvSource({
        "domain, domain is not like domain=example.org&user=alice",
        "=x, =x is not like",
        "domain=a&domain=b, domain is said twice",
        "nothing=a, --nothing says nothing of mail",
        "code=x, --code x is not like",
        "all=true&user=a, --all and a condition",
        "user=%zz, Illegal hex"
    })
    void whatMeansNothingIsRefusedWithWords(String text, String words) {
        assertThatThrownBy(() -> Selector.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
    }
}
