package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static final long SECOND = 1_000_000_000L;

    private final Backlog<Integer> backlog = new Backlog<>(octets -> octets, 0);

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
        backlog.take();
        assertThat(backlog.isFull()).isFalse();
    }

    @Test
    void theNewestOverflowAndWhatWasPutBackKeepsItsTurn() {
        for (int i = 1; i <= 6; i++) {
            backlog.add(i);
        }
        Integer first = backlog.take();
        backlog.putBack(first == null ? 0 : first);
        assertThat(backlog.overflow(2)).containsExactly(3, 4, 5, 6);
        assertThat(backlog.take()).isEqualTo(1);
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

    @Test
    void mailForADeadDestinationComesBackTheLaterTheLongerItIsDead() {
        assertThat(backlog.dueIn(0, 0)).isBetween(Backlog.SOONEST, Duration.ofMinutes(1));
        assertThat(backlog.dueIn(0, Duration.ofHours(1).toNanos())).isEqualTo(Duration.ofHours(1));
        assertThat(backlog.dueIn(0, Duration.ofDays(3).toNanos())).isEqualTo(Backlog.LATEST);
    }

    @Test
    void whatIsDueNeverExceedsTheLatest() {
        for (int i = 0; i < 100_000; i++) {
            assertThat(backlog.dueIn(0, 0)).isLessThanOrEqualTo(Backlog.LATEST);
        }
    }
}
