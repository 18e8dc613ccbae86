package org.postroad.deploy.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LongCountsTest {
    private static final int MANY = 1_000_000;

    @Test
    void holdsWhatAMapHoldsAfterAnyPutsAndRemovals() {
        Random random = new Random(7);
        Map<Long, Integer> map = new HashMap<>();
        LongCounts counts = new LongCounts();
        for (int i = 0; i < 400_000; i++) {
            // Few keys, many of them side by side: every removal has neighbours to move.
            long key = random.nextInt(3_000);
            if (random.nextInt(3) == 0) {
                map.remove(key);
                counts.remove(key);
            } else {
                int count = 1 + random.nextInt(9);
                map.put(key, count);
                counts.put(key, count);
            }
        }
        for (long key = 0; key < 3_000; key++) {
            assertThat(counts.get(key)).as("key %d", key).isEqualTo(map.getOrDefault(key, 0));
        }
        assertThat(counts.size()).isEqualTo(map.size());
        assertThat(counts.sum())
                .isEqualTo(map.values().stream().mapToLong(Integer::longValue).sum());
    }

    @Test
    void aMillionTakeLessThanThirtyTwoOctetsEach() {
        LongCounts counts = new LongCounts();
        Random random = new Random(8);
        for (int i = 0; i < MANY; i++) {
            counts.put(random.nextLong(), 1);
        }
        assertThat(counts.size()).isEqualTo(MANY);
        assertThat(counts.octets()).isLessThanOrEqualTo(32L * MANY);
    }

    @Test
    void whatComesAndGoesTakesNoMoreThanWhatIsThereAtOnce() {
        LongCounts counts = new LongCounts();
        Random keys = new Random(9);
        Random gone = new Random(9);
        for (int i = 0; i < MANY; i++) {
            counts.put(keys.nextLong(), 1);
            if (i >= 500) {
                counts.remove(gone.nextLong());
            }
        }
        assertThat(counts.size()).isEqualTo(500);
        assertThat(counts.octets()).isEqualTo(1_024 * 12);
    }

    @Test
    void countsKeysWhoseNumberHasBits() {
        LongCounts counts = new LongCounts();
        counts.put(1, 0b101);
        counts.put(2, 0b100);
        counts.put(3, 0b111);
        assertThat(counts.having(0b101)).isEqualTo(2);
        assertThat(counts.having(0b100)).isEqualTo(3);
    }

    @Test
    void refusesWhatWouldFreeASlot() {
        assertThatThrownBy(() -> new LongCounts().put(1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
