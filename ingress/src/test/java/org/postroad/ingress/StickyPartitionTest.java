package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StickyPartitionTest {
    private final StickyPartition turn = new StickyPartition(3, 1);

    @Test
    void staysForSomeOctetsAndThenGoesRound() {
        for (int expected : new int[] {1, 2, 0, 1}) {
            assertThat(turn.current()).isEqualTo(expected);
            turn.wrote(StickyPartition.STAY_OCTETS - 1);
            assertThat(turn.current()).isEqualTo(expected);
            turn.wrote(1);
        }
    }

    @Test
    void leavesAPartitionThatFailedOnce() {
        turn.wrote(100);
        turn.leave(1);
        turn.leave(1); // the next chunk of the same batch
        assertThat(turn.current()).isEqualTo(2);
        turn.wrote(StickyPartition.STAY_OCTETS - 1);
        assertThat(turn.current()).isEqualTo(2);
    }
}
