package org.postroad.ingress.hook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Reply;

/** What a hook answers by HTTP, and the reply in it. */
class HttpAnswerFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void whatIsTakenIsARefusalThatCanBeSaidOrWordsThatCanBeKept(byte[] octets) {
        HookAnswer answer = understood(() -> HttpAnswer.parse(octets));
        if (answer != null) {
            assertThat(answer.changes()).isEmpty();
            isLabel(answer.trafficClass());
            isLabel(answer.tenant());
            answer.meta().keySet().forEach(HttpAnswerFuzzTest::isLabel);
            assertThat(answer.meta()).doesNotContainKey("released");
            int kept = answer.meta().values().stream()
                    .mapToInt(value -> value.getBytes(UTF_8).length)
                    .sum();
            assertThat(kept).isLessThanOrEqualTo(Caps.META_OCTETS);
            isSayable(answer.refusal());
        }
        isSayable(understood(() -> HookReply.parse(new String(octets, UTF_8))));
    }

    private static <T> @Nullable T understood(Supplier<T> parsing) {
        try {
            return parsing.get();
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
            return null;
        }
    }

    private static void isLabel(@Nullable String text) {
        assertThat(text == null ? "a" : text).matches("[A-Za-z0-9._-]{1,64}");
    }

    /** It refuses, as its code and its status say alike, and does not say that the connection ends. */
    static void isSayable(@Nullable Reply reply) {
        if (reply != null) {
            assertThat(reply.code()).isBetween(400, 559).isNotEqualTo(421);
            assertThat(reply.status()).isNotNull();
            assertThat(reply.status().category()).isEqualTo(reply.code() / 100);
            assertThat(reply.lines()).hasSizeBetween(1, 20).allMatch(line -> line.matches("[ -~]{0,512}"));
        }
    }
}
