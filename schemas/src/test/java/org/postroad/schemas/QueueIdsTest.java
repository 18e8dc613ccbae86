package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QueueIdsTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void sortsByTimeEvenWithinAMillisecondAndWhenTheClockStepsBack() {
        Steps clock = new Steps();
        QueueIds ids = new QueueIds(clock, new Random(1));
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            if (i % 7 == 0) {
                clock.now = clock.now.plusMillis(i % 3 - 1);
            }
            made.add(ids.next());
        }
        assertThat(made).isSorted().doesNotHaveDuplicates().allMatch(QueueIds::isQueueId);
    }

    @Test
    void twoSourcesInOneMillisecondDiffer() {
        Clock clock = Clock.fixed(NOON, ZoneOffset.UTC);
        HashSet<String> made = new HashSet<>();
        for (int node = 0; node < 100; node++) {
            QueueIds ids = new QueueIds(clock, new Random(node));
            for (int i = 0; i < 100; i++) {
                assertThat(made.add(ids.next())).isTrue();
            }
        }
    }

    @Test
    void carriesItsMillisecond() {
        Steps clock = new Steps();
        QueueIds ids = new QueueIds(clock, new Random(1));
        String first = ids.next();
        clock.now = clock.now.plus(Duration.ofDays(400));
        String later = ids.next();
        assertThat(QueueIds.millisOf(first)).isEqualTo(NOON.toEpochMilli());
        assertThat(QueueIds.millisOf(later)).isEqualTo(clock.now.toEpochMilli());
    }

    @Test
    void idsThatBelongTogetherAreNobodyElses() {
        Clock clock = Clock.fixed(NOON, ZoneOffset.UTC);
        QueueIds ids = new QueueIds(clock, new Random(1));
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            String first = ids.next(1_000);
            for (int k = 0; k < 1_000; k++) {
                made.add(QueueIds.plus(first, k));
            }
            assertThat(QueueIds.plus(first, 0)).isEqualTo(first);
            made.add(ids.next());
        }
        assertThat(made).isSorted().doesNotHaveDuplicates().allMatch(QueueIds::isQueueId);
        assertThat(made).allMatch(id -> id.startsWith(QueueIds.beginningAt(NOON.toEpochMilli())));
    }

    @Test
    void countingUpCarries() {
        assertThat(QueueIds.plus("01JD0000000000ZZZZZZZZZZZZ", 1)).isEqualTo("01JD0000000001000000000000");
        assertThat(QueueIds.plus("01JD000000001FZZZZZZZZZZZZ", 3)).isEqualTo("01JD000000001G000000000002");
        assertThat(QueueIds.plus("01JD0000000FZZZZZZZZZZZZZZ", 1)).isEqualTo("01JD0000000G00000000000000");
    }

    @Test
    void otherTextsAreNotQueueIds() {
        assertThat(QueueIds.isQueueId("")).isFalse();
        assertThat(QueueIds.isQueueId("01JD000000000000000000000U")).isFalse();
        assertThat(QueueIds.isQueueId("01JD00000000000000000000000")).isFalse();
    }

    private static final class Steps extends Clock {
        private Instant now = NOON;

        @Override
        public java.time.ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
