package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatienceTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long SILENCE = 5 * SECOND;

    @ParameterizedTest
    @CsvSource({
        "61000, 5, false",
        "61000, 8, true",
        "0, 6, true",
        "100000, 10, false",
        "1000000, 60, false",
        "1000, 3, false",
        "20000, 6, true",
    })
    void contentIsSlowBelowEightKibibytesASecond(long octets, long seconds, boolean slow) {
        Patience patience = new Patience(0, ListenerLimits.USUAL);
        patience.content(0, 1);
        patience.content(seconds * SECOND, octets);
        assertThat(patience.isSlow(seconds * SECOND + 1, SILENCE)).isEqualTo(slow);
    }

    @Test
    void betweenCommandsSilenceCounts() {
        Patience patience = new Patience(0, ListenerLimits.USUAL);
        patience.command(10 * SECOND, false);
        assertThat(patience.isSlow(15 * SECOND, SILENCE)).isFalse();
        assertThat(patience.isSlow(15 * SECOND + 1, SILENCE)).isTrue();
        assertThat(patience.silentNanos(15 * SECOND)).isEqualTo(5 * SECOND);
    }

    @Test
    void whoWaitsForUsIsNotSlow() {
        Patience patience = new Patience(0, ListenerLimits.USUAL);
        patience.waiting(SECOND, true);
        assertThat(patience.isSlow(100 * SECOND, SILENCE)).isFalse();
    }

    @Test
    void contentThatBeganFastIsSlowOnceItFallsSilent() {
        Patience patience = new Patience(0, ListenerLimits.USUAL);
        patience.content(0, 1);
        patience.content(SECOND, 50_000_000);
        assertThat(patience.isSlow(6 * SECOND, SILENCE)).isFalse();
        assertThat(patience.isSlow(6 * SECOND + 1, SILENCE)).isTrue();
    }

    @Test
    void contentThatBeganFastIsSlowOnceItComesInDrops() {
        Patience patience = new Patience(0, ListenerLimits.USUAL);
        patience.content(0, 1);
        patience.content(SECOND, 50_000_000);
        for (int second = 2; second <= 12; second++) {
            patience.content(second * SECOND, 50_000_000 + second);
        }
        assertThat(patience.isSlow(12 * SECOND, SILENCE)).isTrue();
        for (int second = 13; second <= 24; second++) {
            patience.content(second * SECOND, 50_000_000 + second * 10_000L);
        }
        assertThat(patience.isSlow(24 * SECOND, SILENCE)).isFalse();
    }

    @Test
    void timeInWhichTheClientWaitedForUsIsNoSlowTime() {
        Patience patience = new Patience(0, ListenerLimits.USUAL);
        patience.content(0, 1);
        patience.content(SECOND, 60_000);
        patience.waiting(SECOND, true);
        patience.waiting(30 * SECOND, false);
        patience.content(31 * SECOND, 61_000);
        assertThat(patience.isSlow(31 * SECOND, SILENCE)).isFalse();
    }
}
