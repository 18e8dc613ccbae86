package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatienceTest {
    private static final long SECOND = 1_000_000_000L;

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
        Patience patience = new Patience(0);
        patience.content(0, 1);
        patience.content(seconds * SECOND, octets);
        assertThat(patience.isSlow(seconds * SECOND + 1)).isEqualTo(slow);
    }

    @Test
    void betweenCommandsSilenceCounts() {
        Patience patience = new Patience(0);
        patience.command(10 * SECOND);
        assertThat(patience.isSlow(15 * SECOND)).isFalse();
        assertThat(patience.isSlow(15 * SECOND + 1)).isTrue();
        assertThat(patience.silentNanos(15 * SECOND)).isEqualTo(5 * SECOND);
    }

    @Test
    void whoWaitsForUsIsNotSlow() {
        Patience patience = new Patience(0);
        patience.waiting(SECOND, true);
        assertThat(patience.isSlow(100 * SECOND)).isFalse();
    }
}
