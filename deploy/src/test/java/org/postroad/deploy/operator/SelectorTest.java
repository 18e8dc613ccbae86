package org.postroad.deploy.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.Failure;

class SelectorTest {
    private static final Failure FAILURE =
            Mails.failure("Q1", "Refuse.test", "550 5.7.1 Blocked by policy", 5_000, "a@refuse.test", "b@refuse.test");

    @ParameterizedTest
    @CsvSource({
        "550, true",
        "5.7.1, true",
        "5.7.*, true",
        "5.*.*, true",
        "*.*.*, true",
        "5.1.1, false",
        "551, false",
        "55*, true",
        "4*, false"
    })
    void aCodeIsAReplyCodeOrAStatusWithAnyNumberForAStar(String code, boolean fits) {
        Selector selector = new Selector(null, null, null, null, null, code, null, null, null);
        assertThat(selector.matches(FAILURE)).isEqualTo(fits);
    }

    @Test
    void namesAreComparedWithoutCase() {
        assertThat(selector("refuse.test", null, null).matches(FAILURE)).isTrue();
        assertThat(selector("other.test", null, null).matches(FAILURE)).isFalse();
        assertThat(selector(null, "SENDER@sender.test", null).matches(FAILURE)).isTrue();
    }

    @Test
    void aReplyIsSearchedFor() {
        assertThat(selector(null, null, "by pol.cy").matches(FAILURE)).isTrue();
        assertThat(selector(null, null, "^policy").matches(FAILURE)).isFalse();
    }

    @Test
    void everyConditionMustFit() {
        assertThat(selector("refuse.test", "other@sender.test", null).matches(FAILURE))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"5000, 5001, true", "5001, 9000, false", "0, 5000, false"})
    void timesAreFromTheFirstUpToTheSecond(long since, long until, boolean fits) {
        Selector selector = new Selector(null, null, null, null, null, null, null, since, until);
        assertThat(selector.matches(FAILURE)).isEqualTo(fits);
    }

    private static Selector selector(@Nullable String domain, @Nullable String sender, @Nullable String reply) {
        return new Selector(
                domain, null, sender, null, null, null, reply == null ? null : Pattern.compile(reply), null, null);
    }
}
