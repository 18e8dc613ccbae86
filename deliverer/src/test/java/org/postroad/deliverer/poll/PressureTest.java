package org.postroad.deliverer.poll;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PressureTest {
    private final Pressure pressure = new Pressure();

    @Test
    void aFullBudgetThatDrainsNeedsNoRelief() {
        long finished = 0;
        for (int millis = 0; millis < 3_000; millis += 50) {
            finished += 50; // 1,000 a second
            assertThat(isLasting(millis, true, 1_500, finished)).isFalse();
        }
    }

    @Test
    void aFullBudgetThatStandsStillNeedsReliefOnceAWindow() {
        int asked = 0;
        for (int millis = 0; millis <= 1_000; millis += 10) {
            asked += isLasting(millis, true, 1_500, 7) ? 1 : 0;
        }
        assertThat(asked).isEqualTo(4);
    }

    @Test
    void aBudgetWithRoomNeedsNone() {
        for (int millis = 0; millis < 1_000; millis += 10) {
            assertThat(isLasting(millis, false, 100, 0)).isFalse();
        }
    }

    @Test
    void aStandstillOfOurOwnIsForgotten() {
        isLasting(0, true, 1_500, 0);
        pressure.forget();
        assertThat(isLasting(2_000, true, 1_500, 0)).isFalse();
        assertThat(isLasting(2_300, true, 1_500, 0)).isTrue();
    }

    private boolean isLasting(long millis, boolean tight, long open, long finished) {
        return pressure.isLasting(Duration.ofMillis(millis).toNanos(), tight, open, finished);
    }
}
