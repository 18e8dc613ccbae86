package org.postroad.deliverer.commit;

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
    void aFullBudgetThatStandsStillNeedsReliefAfterThreeSecondsAndThenOnceAStep() {
        int asked = 0;
        for (int millis = 0; millis <= 4_000; millis += 10) {
            asked += isLasting(millis, true, 1_500, 7) ? 1 : 0;
            assertThat(asked).isEqualTo(millis < 3_000 ? 0 : 1 + (millis - 3_000) / 250);
        }
    }

    @Test
    void aStandstillBeforeTheFirstMailLeavesNeedsNone() {
        for (int millis = 0; millis < 10_000; millis += 50) {
            long finished = millis < 2_000 ? 0 : millis - 2_000; // 1,000 a second at last
            assertThat(isLasting(millis, true, 1_500, finished)).isFalse();
        }
    }

    @Test
    void reliefThatIsUsedUpAtOnceGoesOn() {
        int asked = 0;
        for (int millis = 0; millis <= 6_000; millis += 50) {
            boolean tight = millis % 1_000 >= 500;
            asked += isLasting(millis, tight, 1_500, 0) ? 1 : 0;
        }
        assertThat(asked).isGreaterThanOrEqualTo(5);
    }

    @Test
    void aBudgetWithRoomNeedsNone() {
        for (int millis = 0; millis < 10_000; millis += 10) {
            assertThat(isLasting(millis, false, 100, 0)).isFalse();
        }
    }

    @Test
    void aStandstillOfOurOwnIsForgotten() {
        for (int millis = 0; millis < 2_950; millis += 50) {
            isLasting(millis, true, 1_500, 0);
        }
        pressure.forget();
        for (int millis = 2_950; millis < 5_900; millis += 50) {
            assertThat(isLasting(millis, true, 1_500, 0)).isFalse();
        }
        assertThat(isLasting(6_000, true, 1_500, 0)).isTrue();
    }

    private boolean isLasting(long millis, boolean tight, long open, long finished) {
        return pressure.isLasting(Duration.ofMillis(millis).toNanos(), tight, open, finished);
    }
}
