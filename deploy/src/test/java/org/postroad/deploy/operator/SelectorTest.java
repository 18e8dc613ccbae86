package org.postroad.deploy.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.Failure;
import org.postroad.schemas.Recipient;

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
        assertThat(selector.meant(FAILURE)).hasSize(fits ? 2 : 0);
    }

    @Test
    void namesAreComparedWithoutCase() {
        assertThat(selector("refuse.test", null, null).meant(FAILURE)).hasSize(2);
        assertThat(selector("other.test", null, null).meant(FAILURE)).isEmpty();
        assertThat(selector(null, "SENDER@sender.test", null).meant(FAILURE)).hasSize(2);
    }

    @Test
    void aReplyIsSearchedFor() {
        assertThat(selector(null, null, "by pol.cy").meant(FAILURE)).hasSize(2);
        assertThat(selector(null, null, "^policy").meant(FAILURE)).isEmpty();
    }

    @Test
    void aReplyIsEachRecipientsOwn() {
        Failure both = Mails.failure("Q1", "x.test", "550 5.1.1 No such user", 1, "a@x.test", "b@x.test");
        Recipient blocked = Mails.failure("Q1", "x.test", "554 5.7.1 Blocked", 1, "b@x.test")
                .getEnvelope()
                .getRecipients()
                .get(0);
        both.getEnvelope().getRecipients().set(1, blocked);
        Selector policy = new Selector(null, null, null, null, null, "5.7.*", null, null, null);
        assertThat(policy.meant(both)).extracting(Recipient::getAddress).containsExactly("b@x.test");
    }

    @Test
    void everyConditionMustFit() {
        assertThat(selector("refuse.test", "other@sender.test", null).meant(FAILURE))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"5000, 5001, true", "5001, 9000, false", "0, 5000, false"})
    void timesAreFromTheFirstUpToTheSecond(long since, long until, boolean fits) {
        Selector selector = new Selector(null, null, null, null, null, null, null, since, until);
        assertThat(selector.meant(FAILURE)).hasSize(fits ? 2 : 0);
    }

    private static Selector selector(@Nullable String domain, @Nullable String sender, @Nullable String reply) {
        return new Selector(
                domain, null, sender, null, null, null, reply == null ? null : Pattern.compile(reply), null, null);
    }
}
