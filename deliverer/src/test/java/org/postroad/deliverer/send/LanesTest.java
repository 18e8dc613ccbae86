package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LanesTest {
    /** Large are those from 100 on. */
    private final Lanes<Integer> lanes = new Lanes<>(message -> message >= 100);

    @Test
    void theOldestGoesFirstAndSmallMailPassesOnlyLargeThatMayNotGo() {
        List.of(100, 1, 101, 2).forEach(lanes::addLast);
        assertThat(lanes.peekFirst(true)).isEqualTo(100);
        assertThat(lanes.peekFirst(false)).isEqualTo(1);
        assertThat(lanes.pollFirst(false)).isEqualTo(1);
        assertThat(lanes.pollFirst(true)).isEqualTo(100);
        assertThat(lanes.pollFirst(true)).isEqualTo(101);
        assertThat(lanes.pollFirst(true)).isEqualTo(2);
        assertThat(lanes.pollFirst(true)).isNull();
    }

    @Test
    void whereOnlyLargeMailWaitsThatMayNotGoThereIsNone() {
        lanes.addLast(100);
        assertThat(lanes.pollFirst(false)).isNull();
        assertThat(lanes.hasLarge()).isTrue();
        assertThat(lanes.size()).isEqualTo(1);
    }

    @Test
    void whatIsPutBackIsTheOldestWhicheverItsLane() {
        List.of(1, 100).forEach(lanes::addLast);
        lanes.addFirst(101);
        assertThat(lanes.peekFirst(true)).isEqualTo(101);
        lanes.addFirst(2);
        assertThat(lanes.pollFirst(true)).isEqualTo(2);
        assertThat(lanes.pollFirst(true)).isEqualTo(101);
        assertThat(lanes.pollFirst(true)).isEqualTo(1);
    }

    @Test
    void theNewestLeavesFirstWhicheverItsLane() {
        List.of(100, 1, 101, 2, 102).forEach(lanes::addLast);
        assertThat(List.of(lanes.removeLast(), lanes.removeLast(), lanes.removeLast()))
                .containsExactly(102, 2, 101);
        assertThat(lanes.removeIf(message -> true)).containsExactly(100, 1);
        assertThat(lanes.isEmpty()).isTrue();
    }
}
