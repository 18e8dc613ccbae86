package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deliverer.config.RetryConfig;

class BacklogTest {
    private static final long SECOND = 1_000_000_000L;

    private final Backlog<Integer> backlog =
            new Backlog<>(octets -> octets, message -> false, RetryConfig.DEFAULT.schedule(), 0);

    @Test
    void isFullByNumberOrByOctets() {
        for (int i = 0; i < Backlog.RECORDS; i++) {
            assertThat(backlog.isFull()).isFalse();
            backlog.add(1);
        }
        assertThat(backlog.isFull()).isTrue();
        backlog.overflow(0);
        backlog.add((int) Backlog.OCTETS);
        assertThat(backlog.isFull()).isTrue();
        backlog.take(true);
        assertThat(backlog.isFull()).isFalse();
    }

    @Test
    void theNewestOverflowAndWhatWasPutBackKeepsItsTurn() {
        for (int i = 1; i <= 6; i++) {
            backlog.add(i);
        }
        Integer first = backlog.take(true);
        backlog.putBack(first == null ? 0 : first);
        assertThat(backlog.overflow(2)).containsExactly(3, 4, 5, 6);
        assertThat(backlog.take(true)).isEqualTo(1);
        assertThat(backlog.removeIf(m -> m == 2)).containsExactly(2);
        assertThat(backlog.size()).isZero();
    }

    @Test
    void overflowingMailComesBackAsAStreamWhenTheRestHasLeft() {
        long now = 0;
        for (int i = 0; i < 1_000; i++) {
            backlog.add(1);
        }
        for (int second = 1; second <= 120; second++) {
            for (int i = 0; i < 10; i++) {
                backlog.finished();
            }
            now = second * SECOND;
            backlog.measure(now);
        }
        Duration first = backlog.dueIn(now, 0);
        Duration second = backlog.dueIn(now, 0);
        assertThat(first).isBetween(Duration.ofSeconds(99), Duration.ofSeconds(102));
        assertThat(second.minus(first)).isBetween(Duration.ofMillis(95), Duration.ofMillis(105));
    }

    @Test
    void aDestinationNotMeasuredYetIsNotTakenForASlowOne() {
        fill();
        assertThat(backlog.dueIn(0, 0)).isLessThan(Duration.ofMinutes(2));
    }

    @Test
    void anIdleHourSaysNothingOfTheRate() {
        fill();
        long now = 0;
        for (int second = 1; second <= 120; second++) {
            for (int i = 0; i < 100; i++) {
                backlog.finished();
            }
            now = second * SECOND;
            backlog.measure(now);
        }
        backlog.overflow(0);
        now += 3_600 * SECOND;
        fill();
        backlog.measure(now);
        assertThat(backlog.dueIn(now, 0)).isBetween(Backlog.SOONEST, Duration.ofMinutes(1));
    }

    private void fill() {
        for (int i = 0; i < 1_500; i++) {
            backlog.add(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // dead for, seconds; due in, seconds: with the schedule 5m, 15m, ... 4h and with 2m, 5m and with 2s, 5s
        "1,       30,    30,  2",
        "60,      30,    30,  5",
        "300,    100,   100,  5",
        "900,    300,   300,  5",
        "3600,  1200,   300,  5",
        "43200, 14400,  300,  5",
        "432000, 14400, 300,  5",
    })
    void mailForADeadDestinationComesBackTheLaterTheLongerItIsDeadAndNeverLaterThanTheScheduleSays(
            long deadFor, long usual, long minutes, long seconds) {
        assertThat(dueIn(RetryConfig.DEFAULT.schedule(), deadFor)).isEqualTo(Duration.ofSeconds(usual));
        assertThat(dueIn(List.of(Duration.ofMinutes(2), Duration.ofMinutes(5)), deadFor))
                .isEqualTo(Duration.ofSeconds(minutes));
        assertThat(dueIn(List.of(Duration.ofSeconds(2), Duration.ofSeconds(5)), deadFor))
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    private static Duration dueIn(List<Duration> schedule, long deadForSeconds) {
        return new Backlog<Integer>(octets -> octets, message -> false, schedule, 0).dueIn(0, deadForSeconds * SECOND);
    }

    @Test
    void thousandsBeforeItAndAnAncientRateAreNoReasonToComeBackLaterToADeadDestination() {
        fill();
        for (int second = 1; second <= 60; second++) {
            backlog.measure(second * SECOND);
        }
        for (int i = 0; i < 10_000; i++) {
            assertThat(backlog.dueIn(60 * SECOND, 59 * SECOND)).isEqualTo(Backlog.SOONEST);
        }
    }

    @Test
    void fiveDaysOfDeathAreFewReturns() {
        long deadFor = SECOND;
        int returns = 0;
        while (deadFor < Duration.ofDays(5).toNanos()) {
            assertThat(backlog.dueIn(0, deadFor).toNanos()).isLessThanOrEqualTo(backlog.longestWaitNanos());
            deadFor += backlog.dueIn(0, deadFor).toNanos();
            returns++;
        }
        assertThat(returns).isLessThan(70);
    }

    @Test
    void whatASlowDestinationOverflowsWaitsNoLongerThanTheScheduleSaysAndLongerTheLongerItIsFull() {
        fill();
        for (int i = 0; i < 100_000; i++) {
            assertThat(backlog.dueIn(0, 0)).isLessThanOrEqualTo(Duration.ofMinutes(5));
        }
        long hour = Duration.ofHours(1).toNanos();
        Duration longest = Duration.ZERO;
        for (int i = 0; i < 100_000; i++) {
            longest = backlog.dueIn(hour, 0);
        }
        assertThat(longest).isEqualTo(Duration.ofHours(1));
    }
}
