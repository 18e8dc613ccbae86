package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ConcurrencyWindowTest {
    private static final long SECOND = 1_000_000_000L;

    private final ConcurrencyWindow window = new ConcurrencyWindow(10, new Random(1), 0);

    @Test
    void opensByOneForEachAnswerUpToTheLimit() {
        assertThat(window.size(0)).isEqualTo(2);
        for (int size : new int[] {3, 4, 5, 6, 7, 8, 9, 10, 10}) {
            window.answered(0);
            assertThat(window.size(0)).isEqualTo(size);
        }
    }

    @Test
    void startsAtASmallPartOfARaisedLimit() {
        int[][] table = {{1, 1}, {2, 2}, {10, 2}, {40, 2}, {100, 5}, {1_000, 50}};
        for (int[] row : table) {
            assertThat(new ConcurrencyWindow(row[0], new Random(1), 0).size(0)).isEqualTo(row[1]);
        }
    }

    @Test
    void isOpeningWhileItDoublesEverySecondAndBelowItsLimit() {
        long almost = SECOND - 1;
        assertThat(window.isOpening(almost)).isTrue();
        assertThat(window.isOpening(SECOND)).isFalse();
        window.answered(SECOND);
        assertThat(window.isOpening(SECOND)).as("three of two").isFalse();
        window.answered(SECOND);
        assertThat(window.isOpening(SECOND + almost)).as("four of two").isTrue();
        for (int i = 0; i < 4; i++) {
            window.answered(2 * SECOND);
        }
        assertThat(window.isOpening(2 * SECOND + almost)).as("eight of four").isTrue();
        open();
        assertThat(window.isOpening(2 * SECOND)).as("all it may").isFalse();
    }

    @Test
    void whatWasThrottledOrClosedIsNotOpening() {
        window.answered(0);
        window.throttled(0);
        assertThat(window.isOpening(0)).isFalse();
        ConcurrencyWindow failing = new ConcurrencyWindow(10, new Random(1), 0);
        failing.failed(0);
        failing.failed(0);
        assertThat(failing.isOpening(0)).isFalse();
        failing.answered(5 * SECOND);
        assertThat(failing.isOpening(5 * SECOND)).isTrue();
    }

    @Test
    void aThrottleHalvesItOnceForAFlightAndItGrowsSlowlyThen() {
        open();
        window.throttled(SECOND);
        window.throttled(SECOND + 1);
        assertThat(window.size(SECOND)).isEqualTo(5);
        window.answered(0);
        assertThat(window.size(SECOND)).isEqualTo(5);
        for (int i = 0; i < 5; i++) {
            window.answered(0);
        }
        assertThat(window.size(SECOND)).isEqualTo(6);
        window.throttled(3 * SECOND);
        assertThat(window.size(3 * SECOND)).isEqualTo(3);
    }

    @Test
    void throttlesNeverCloseIt() {
        for (int i = 0; i < 100; i++) {
            window.throttled(i * 2L * SECOND);
        }
        assertThat(window.size(0)).isEqualTo(1);
    }

    @Test
    void failuresCloseItAndAProbeOpensItAgain() {
        window.failed(0);
        assertThat(window.size(0)).isEqualTo(1);
        window.failed(0);
        assertThat(window.size(0)).isZero();
        assertThat(window.size(SECOND)).isEqualTo(1);
        window.answered(0);
        assertThat(window.size(SECOND)).isEqualTo(2);
        assertThat(window.isClosed()).isFalse();
    }

    @Test
    void probesComeAtGrowingJitteredIntervalsAndNeverMoreThanHalfAMinuteApart() {
        window.failed(0);
        window.failed(0);
        long now = 0;
        long[] longest = {1, 2, 4, 8, 16, 30, 30, 30};
        for (long seconds : longest) {
            long wait = window.nextProbeInNanos(now);
            assertThat(wait).isBetween(seconds * SECOND / 2, seconds * SECOND);
            assertThat(window.size(now + wait - 1)).isZero();
            now += wait;
            assertThat(window.size(now)).isEqualTo(1);
            window.failed(now);
        }
        assertThat(window.closedForNanos(now)).isEqualTo(now);
    }

    @Test
    void aProbeThatIsThrottledOpensItForOneMessage() {
        window.failed(0);
        window.failed(0);
        window.throttled(SECOND);
        assertThat(window.isClosed()).isFalse();
        assertThat(window.size(SECOND)).isEqualTo(1);
    }

    @Test
    void whatFailsTogetherCountsOnce() {
        open();
        for (int i = 0; i < 10; i++) {
            window.failed(0);
        }
        assertThat(window.isClosed()).isTrue();
        assertThat(window.nextProbeInNanos(0)).isLessThanOrEqualTo(ConcurrencyWindow.FIRST_PROBE_NANOS);
    }

    private void open() {
        for (int i = 0; i < 10; i++) {
            window.answered(0);
        }
    }

    @Test
    void followsALimitThatIsChanged() {
        for (int i = 0; i < 20; i++) {
            window.answered(i);
        }
        assertThat(window.size(20)).isEqualTo(10);
        window.limit(3);
        assertThat(window.size(20)).isEqualTo(3);
        window.answered(21);
        assertThat(window.size(21)).isEqualTo(3);
        window.limit(5);
        assertThat(window.size(21)).as("opens as before").isEqualTo(3);
        for (int i = 0; i < 20; i++) {
            window.answered(22 + i);
        }
        assertThat(window.size(50)).isEqualTo(5);
    }
}
