package org.postroad.ingress.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How long clients may take, in numbers. */
class RequestPatienceTest {
    private static final long SECOND = 1_000_000_000L;

    private final RequestPatience patience = new RequestPatience(0);

    @Test
    void aHeadHasAMinuteHoweverItDrips() {
        assertThat(patience.left(0)).isEqualTo(60 * SECOND);
        assertThat(patience.left(59 * SECOND)).isEqualTo(SECOND);
        assertThat(patience.left(61 * SECOND)).isZero();
    }

    @Test
    void aBodyHasToComeAtALeastRate() {
        patience.awaitBody(0, RequestPatience.STREAMED_RATE);
        for (int second = 1; second <= 100; second++) {
            patience.came(second * SECOND, 100);
        }
        assertThat(patience.left(100 * SECOND)).isZero();
        patience.awaitBody(0, RequestPatience.STREAMED_RATE);
        for (int second = 1; second <= 100; second++) {
            patience.came(second * SECOND, 500);
        }
        assertThat(patience.left(100 * SECOND)).isEqualTo(60 * SECOND);
        assertThat(patience.left(161 * SECOND)).isZero();
    }

    @Test
    void whatIsHeldWholeHasToComeFaster() {
        patience.awaitBody(0, RequestPatience.GATHERED_RATE);
        for (int second = 1; second <= 64; second++) {
            patience.came(second * SECOND, 500);
        }
        assertThat(patience.left(64 * SECOND)).isZero();
        patience.awaitBody(0, RequestPatience.GATHERED_RATE);
        for (int second = 1; second <= 100; second++) {
            patience.came(second * SECOND, 8 * 1024);
        }
        assertThat(patience.left(100 * SECOND)).isBetween(59 * SECOND, 60 * SECOND);
    }

    @Test
    void whileItWaitsForUsTheClockStands() {
        patience.awaitBody(0, RequestPatience.STREAMED_RATE);
        patience.waiting(10 * SECOND, true);
        assertThat(patience.left(500 * SECOND)).isEqualTo(60 * SECOND);
        assertThat(patience.isSlow(500 * SECOND)).isFalse();
        patience.waiting(500 * SECOND, false);
        assertThat(patience.left(500 * SECOND)).isEqualTo(50 * SECOND);
    }

    @Test
    void silenceAndDropsAreSlow() {
        patience.awaitBody(0, RequestPatience.STREAMED_RATE);
        patience.came(0, 1_000_000);
        assertThat(patience.isSlow(4 * SECOND)).isFalse();
        assertThat(patience.isSlow(6 * SECOND)).isTrue();
        patience.awaitBody(0, RequestPatience.STREAMED_RATE);
        patience.came(6 * SECOND, 1_000);
        assertThat(patience.isSlow(6 * SECOND)).isTrue();
        patience.awaitHead(0);
        assertThat(patience.isSlow(50 * SECOND)).isFalse();
    }
}
