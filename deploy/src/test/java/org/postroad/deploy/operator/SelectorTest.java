package org.postroad.deploy.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.policy.Selector;

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
        Selector selector = Selector.of(Map.of("code", code));
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
        Selector policy = Selector.of(Map.of("code", "5.7.*"));
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
        Selector selector = Selector.of(Map.of(
                "since",
                Instant.ofEpochMilli(since).toString(),
                "until",
                Instant.ofEpochMilli(until).toString()));
        assertThat(selector.meant(FAILURE)).hasSize(fits ? 2 : 0);
    }

    @Test
    void meansMailThatWaitsToo() {
        Envelope envelope = FAILURE.getEnvelope();
        Selector selector = Selector.of(Map.of("destination", "google", "since", "1970-01-01T00:00:05Z"));
        assertThat(selector.meant(envelope, "refuse.test", "google", 5_000)).hasSize(2);
        assertThat(selector.meant(envelope, "refuse.test", "google", 4_999)).isEmpty();
        assertThat(selector.meant(envelope, "refuse.test", "refuse.test", 5_000))
                .isEmpty();
        assertThat(Selector.of(Map.of("all", "true")).meant(envelope, "refuse.test", "google", 0))
                .hasSize(2);
        assertThat(Selector.of(Map.of("code", "4*")).fits(new Recipient("new@x.test", List.of(), null, 0, 0, null)))
                .as("nobody has answered yet")
                .isFalse();
    }

    @Test
    void isMadeAgainOfItsWords() {
        Map<String, String> words = Map.of(
                "domain",
                "A.test",
                "destination",
                "d",
                "sender",
                "<>",
                "user",
                "u",
                "queue-id",
                "q",
                "code",
                "4.7.*",
                "reply",
                "x+",
                "since",
                "2026-01-01T00:00:00Z",
                "until",
                "2026-01-02T00:00:00Z");
        Selector selector = Selector.of(words);
        assertThat(selector.words()).isEqualTo(words);
        assertThat(Selector.of(selector.words())).isEqualTo(selector).hasSameHashCodeAs(selector);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "colour=red       | --colour says nothing of mail",
                "all=no           | --all is true or is not there",
                "all=true;user=me | --all and a condition exclude each other",
                "code=high        | --code high is not like 550, 5.1.1 or 4.7.*",
                "reply=(          | --reply ( is not a regular expression that is known here: ) is missing (at 1)",
                "since=2h         | --since 2h is not an instant such as 2026-01-31T12:00:00Z",
                "''               | say which mail, or --all"
            })
    void saysWhatIsWrong(String said, String why) {
        Map<String, String> words = new HashMap<>();
        for (String word : said.isEmpty() ? new String[0] : said.split(";")) {
            words.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
        }
        assertThatThrownBy(() -> Selector.of(words))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(why);
    }

    private static Selector selector(@Nullable String domain, @Nullable String sender, @Nullable String reply) {
        Map<String, String> words = new HashMap<>();
        words.put("domain", domain);
        words.put("sender", sender);
        words.put("reply", reply);
        words.values().removeIf(Objects::isNull);
        return Selector.of(words);
    }
}
