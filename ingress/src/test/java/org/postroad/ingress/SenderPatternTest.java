package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.ingress.IngressConfig.UserTerms;

class SenderPatternTest {
    @ParameterizedTest
    @CsvSource({
        "app@x.example, app@x.example, true",
        "app@x.example, APP@X.Example, true",
        "app@x.example, app2@x.example, false",
        "app@x.example, app@y.example, false",
        "app@x.example, app@a.x.example, false",
        "app@m\u00fcller.example, app@xn--mller-kva.example, true",
        "x.example, anybody@x.example, true",
        "x.example, anybody@X.EXAMPLE, true",
        "x.example, anybody@a.x.example, false",
        "x.example, anybody@notx.example, false",
        "*.x.example, anybody@a.b.x.example, true",
        "*.x.example, anybody@x.example, false",
        "*.x.example, anybody@notx.example, false",
        "x.example, anybody@[192.0.2.1], false",
        "x.example, root, false",
    })
    void meansAnAddressADomainOrThoseBelowIt(String pattern, String sender, boolean matches) {
        UserTerms terms = new UserTerms(List.of(), null, null, List.of(SenderPattern.parse(pattern)));
        assertThat(terms.maySendAs(sender)).isEqualTo(matches);
    }

    @Test
    void noticesAndUsersWithoutPatternsAreFree() {
        assertThat(new UserTerms(List.of(), null, null, List.of(SenderPattern.parse("x.example"))).maySendAs(""))
                .isTrue();
        assertThat(UserTerms.NONE.maySendAs("anybody@anywhere.example")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"app@x.example", "x.example", "*.x.example"})
    void isWrittenAsItIsRead(String text) {
        assertThat(SenderPattern.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "@x.example", "app@", "*", "*x.example", "a b@x.example", "app@*.x.example"})
    void whatMeansNoSenderIsRefused(String text) {
        assertThatThrownBy(() -> SenderPattern.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
