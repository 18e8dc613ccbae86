package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.deliverer.delivery.RecoveryNotice;

class EarlyReleasesTest {
    private static final int PORTION = 1_000;
    private static final long BACK = 1_000_000;

    private final EarlyReleases early = EarlyReleases.of(0, "");

    @Test
    void theMetadataSaysWhatHasLeftAndForgetsWhatTheMarkHasPassed() {
        early.recovered(new RecoveryNotice("a b@c%.test", BACK, BACK, 0, PORTION));
        early.recovered(new RecoveryNotice("b.test", BACK, BACK, 0, PORTION));
        assertThat(early.begin(3)).isEqualTo(3);
        release("a b@c%.test", 5);
        release("b.test", 90);
        early.end();
        EarlyReleases kept = EarlyReleases.of(4, early.metadata(4));
        assertThat(kept.isReleased(key("a b@c%.test"), 5)).isTrue();
        assertThat(kept.isReleased(key("a b@c%.test"), 6)).isFalse();
        assertThat(kept.isReleased(key("b.test"), 90)).isTrue();
        assertThat(kept.isReleased(key("c.test"), 5)).isFalse();
        assertThat(kept.isReleased(null, 5)).isFalse();
        EarlyReleases passed = EarlyReleases.of(6, early.metadata(6));
        assertThat(passed.isReleased(key("a b@c%.test"), 5)).isFalse();
        assertThat(passed.isReleased(key("b.test"), 89)).isTrue();
        assertThat(early.metadata(91)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "early1 8 b.test@90",
                "early2 7 b.test@90",
                "early1 7 b.test",
                "early1 7 b.test@x",
                "x",
                "AQID",
                "early1"
            })
    void metadataOfAnotherMarkOrAnotherFormSaysNothing(String metadata) {
        assertThat(EarlyReleases.of(7, metadata).isReleased(key("b.test"), 89)).isFalse();
    }

    @Test
    void aPortionEndsADestinationsPartAndTheNextGoesOnThere() {
        early.recovered(new RecoveryNotice("a.test", BACK, BACK, 0, PORTION));
        early.begin(0);
        for (long offset = 0; offset < PORTION; offset++) {
            release("a.test", offset);
        }
        assertThat(early.isWanted("a.test", PORTION, BACK)).isFalse();
        assertThat(early.isInPass()).isFalse();
        assertThat(early.begin(0)).isEqualTo(-1);
        early.recovered(new RecoveryNotice("a.test", BACK, BACK, 1, PORTION));
        assertThat(early.begin(0)).isEqualTo(PORTION);
        release("a.test", PORTION);
    }

    @Test
    void whatWasPutOffAfterTheRecoveryStaysAndEndsItsPart() {
        early.recovered(new RecoveryNotice("a.test", BACK, BACK, 0, PORTION));
        early.recovered(new RecoveryNotice("b.test", BACK, BACK, 0, PORTION));
        early.begin(0);
        assertThat(early.isWanted("a.test", 0, BACK + 1)).isFalse();
        assertThat(early.isWanted("a.test", 1, BACK))
                .as("or it would be left behind")
                .isFalse();
        assertThat(early.isWanted("b.test", 2, BACK)).isTrue();
        early.end();
        assertThat(early.isAwaited()).isFalse();
    }

    @Test
    void moreDestinationsThanTheMetadataHoldsTakeTurns() {
        for (int i = 0; i < 1_000; i++) {
            early.recovered(new RecoveryNotice("destination-number-" + i + ".test", BACK, BACK, 0, PORTION));
        }
        Set<String> left = new HashSet<>();
        long mark = 0;
        while (early.begin(mark) >= 0) {
            for (int i = 0; i < 1_000; i++) {
                if (early.isWanted("destination-number-" + i + ".test", mark + i, BACK)) {
                    early.released("destination-number-" + i + ".test", mark + i);
                    assertThat(left.add("" + i)).isTrue();
                }
            }
            early.end();
            assertThat(early.metadata(mark)).hasSizeLessThan(4_096);
            mark += 1_000; // all that waited has left in time
        }
        assertThat(left).hasSize(1_000);
    }

    /** Heads leave, passes run in pieces, owners change: every record leaves exactly once, early or at the head. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void nothingIsReleasedTwiceOrLeftBehind(long seed) {
        Random random = new Random(seed);
        List<String> log = new ArrayList<>();
        Set<Long> gone = new HashSet<>();
        EarlyReleases now = EarlyReleases.of(0, null);
        long mark = 0;
        long scan = -1;
        for (int step = 0; step < 20_000; step++) {
            switch (random.nextInt(8)) {
                case 0, 1 -> log.add("d" + random.nextInt(5));
                case 2 ->
                    now.recovered(new RecoveryNotice(
                            "d" + random.nextInt(5), random.nextInt(step + 1), random.nextInt(step + 1), 0, PORTION));
                case 3 -> {
                    while (mark < log.size() && now.isReleased(key(log.get((int) mark)), mark)) {
                        mark++;
                    }
                    if (mark < log.size()) {
                        assertThat(gone.add(mark++)).isTrue();
                    }
                }
                case 4 -> scan = now.isInPass() ? scan : now.begin(mark);
                case 5 -> {
                    if (random.nextInt(20) == 0) {
                        now = EarlyReleases.of(mark, now.metadata(mark));
                        scan = -1;
                    }
                }
                default -> {
                    for (int i = 0; i < 3 && now.isInPass(); i++, scan++) {
                        if (scan >= log.size()) {
                            now.end();
                        } else if (scan >= mark && now.isWanted(log.get((int) scan), scan, scan)) {
                            assertThat(gone.add(scan)).isTrue();
                            now.released(log.get((int) scan), scan);
                        }
                    }
                }
            }
        }
        for (; mark < log.size(); mark++) {
            if (!now.isReleased(key(log.get((int) mark)), mark)) {
                assertThat(gone.add(mark)).isTrue();
            }
        }
        assertThat(gone).hasSize(log.size());
    }

    private void release(String destination, long offset) {
        assertThat(early.isWanted(destination, offset, BACK)).isTrue();
        early.released(destination, offset);
    }

    private static byte[] key(String destination) {
        return destination.getBytes(UTF_8);
    }
}
