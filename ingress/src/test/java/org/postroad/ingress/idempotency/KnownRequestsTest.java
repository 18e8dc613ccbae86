package org.postroad.ingress.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.postroad.ingress.idempotency.Claim.Verdict;
import org.postroad.ingress.idempotency.KnownRequests.Known;
import org.postroad.schemas.PostedRequest;

/** The first of a day's requests with a key, as readers of a log come to know it. */
class KnownRequestsTest {
    private static final long DAY = KnownRequests.KNOWN.toMillis();
    private static final Fingerprint KEY = Fingerprint.ofKey("alice", "1");
    private static final Fingerprint CONTENT = new Fingerprint(1, 2);

    private final KnownRequests known = new KnownRequests();

    private Known take(String queueId, boolean kept, long at) {
        return take(CONTENT, queueId, kept, at);
    }

    private Known take(Fingerprint content, String queueId, boolean kept, long at) {
        return known.take(new PostedRequest("n", 1L, KEY.octets(), content.octets(), queueId, kept, null), at);
    }

    @Test
    void theFirstHoldsForADay() {
        assertThat(take("A", false, 0).queueId()).isEqualTo("A");
        assertThat(take("B", false, 1).queueId()).isEqualTo("A");
        assertThat(take("C", false, DAY - 1).queueId()).isEqualTo("A");
        assertThat(take("D", false, DAY).queueId()).isEqualTo("D");
        assertThat(take("E", false, DAY + 1).queueId()).isEqualTo("D");
    }

    @Test
    void itIsKeptOnceThatIsSaid() {
        assertThat(Claim.of(take("A", false, 0), CONTENT)).isEqualTo(new Claim(Verdict.WRITE, "A"));
        assertThat(Claim.of(take("A", true, 5), CONTENT)).isEqualTo(new Claim(Verdict.KEPT, "A"));
        assertThat(Claim.of(take("B", false, 6), CONTENT)).isEqualTo(new Claim(Verdict.KEPT, "A"));
        assertThat(Claim.of(take("B", false, 6), new Fingerprint(1, 3)).verdict())
                .isEqualTo(Verdict.ANOTHER);
        assertThat(take("C", false, DAY).isKept()).isFalse();
    }

    @Test
    void thatAnotherSaysSoOfAnotherNameSaysWhichWasFirst() {
        take("lost", false, 10); // the one that it lost against was before all that this reader has read
        take("A", true, 20);
        assertThat(take("B", false, 30).queueId()).isEqualTo("A");
    }

    @Test
    void whatThisNodeKeptIsKnownAtOnce() {
        take("A", false, 0);
        known.markKept(KEY, "B");
        assertThat(known.of(KEY)).isEqualTo(new Known(CONTENT, "A", 0, false));
        known.markKept(KEY, "A");
        assertThat(known.of(KEY)).isEqualTo(new Known(CONTENT, "A", 0, true));
        known.markKept(new Fingerprint(7, 7), "A");
        assertThat(known.size()).isEqualTo(1);
    }

    @Test
    void keysAreForgottenAfterADay() {
        for (int i = 0; i < 100; i++) {
            Fingerprint key = Fingerprint.ofKey("", "k" + i);
            known.take(new PostedRequest("n", 1L, key.octets(), CONTENT.octets(), "A" + i, false, null), i * 1_000L);
        }
        take("A", false, 0);
        take("B", false, DAY); // the same key, a day later
        known.forget(DAY);
        assertThat(known.size()).isEqualTo(101);
        known.forget(DAY + 50_000 + 600_000);
        assertThat(known.size()).isEqualTo(50);
        known.forget(DAY + 100_000 + 600_000);
        assertThat(known.size()).isEqualTo(1);
        assertThat(known.of(KEY)).isNotNull();
        known.forget(3 * DAY);
        assertThat(known.size()).isZero();
    }

    @Test
    void keysOfUsersAreTheirOwn() {
        assertThat(Fingerprint.ofKey("a", "bc")).isNotEqualTo(Fingerprint.ofKey("ab", "c"));
        assertThat(Fingerprint.ofKey("a", "b")).isEqualTo(Fingerprint.ofKey("a", "b"));
        assertThat(Fingerprint.of(KEY.octets())).isEqualTo(KEY);
    }
}
