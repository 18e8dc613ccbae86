package org.postroad.deliverer.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deliverer.Samples;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Routes;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;
import org.postroad.schemas.policy.StandingPolicy;

class HoldsTest {
    private static final Envelope MAIL = Samples.envelope(
            Samples.queueId(0),
            new Recipient("full@b.test", List.of(), null, 1, 0, Samples.reply(450, "4.2.2", "mailbox full")),
            Samples.recipient("new@b.test"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // what is held     | of which recipients
                "all               | [0, 1]",
                "domain=B.test     | [0, 1]",
                "domain=c.test     | []",
                "destination=big   | [0, 1]",
                "destination=b.test | []",
                "code=4.2.*        | [0]",
                "reply=full        | [0]",
                "domain=b.test&reply=not%20that | []",
                "since=2999-01-01T00:00:00Z | []",
                "recipient=x       | []",
            })
    void whomItMeans(String subject, String recipients) {
        Holds holds = holds(subject, "", 1);
        assertThat(holds.why(delivery(MAIL)).keySet()).hasToString(recipients);
    }

    @Test
    void whatWasLetGoOnIsHeldAgainWhenThatIsSaidAnew() {
        Envelope past = Envelopes.letPast(MAIL, 1_000);
        assertThat(holds("all", "", 999).why(delivery(past))).isEmpty();
        assertThat(holds("all", "", 1_000).why(delivery(past))).isEmpty();
        assertThat(holds("all", "", 1_001).why(delivery(past))).hasSize(2);
        assertThat(holds("all", "", 999).why(delivery(Envelopes.replay(past, 0))))
                .as("a replay is new mail")
                .hasSize(2);
        assertThat(holds("all", "", 999).why(delivery(Envelopes.waiting(past, past.getRecipients(), 5))))
                .as("deferred, it stays let past")
                .isEmpty();
    }

    @Test
    void theReasonSaysWhichAndWhy() {
        assertThat(holds("domain=b.test", "spam run", 1).why(delivery(MAIL)))
                .containsEntry(0, "held by an operator (hold:domain=b.test): spam run");
        assertThat(holds("all", "", 1).why(delivery(MAIL))).containsEntry(1, "held by an operator (hold:all)");
    }

    private static Holds holds(String subject, @Nullable String reason, long atMillis) {
        StandingPolicy policy = new StandingPolicy(
                Aspect.HOLD, subject, Map.of(), reason == null ? "" : reason, "me", atMillis, Long.MAX_VALUE);
        return new Limits(List.of(), new Policies(List.of(policy)), IgnoredPolicies.untold()).holds();
    }

    private static Delivery delivery(Envelope envelope) {
        return new Delivery(envelope, "b.test", "big", 0, Routes.mx(List.of()), 0L);
    }
}
