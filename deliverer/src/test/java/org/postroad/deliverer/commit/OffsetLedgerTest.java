package org.postroad.deliverer.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class OffsetLedgerTest {
    private final OffsetLedger ledger = new OffsetLedger(FinishedOffsets.below(10));

    @Test
    void theMarkIsTheLowestUnfinishedOffset() {
        open(10, 11, 12);
        assertThat(ledger.mark()).isEqualTo(10);
        ledger.done(11);
        assertThat(ledger.mark()).isEqualTo(10);
        ledger.done(10);
        assertThat(ledger.mark()).isEqualTo(12);
        ledger.done(12);
        assertThat(ledger.mark()).isEqualTo(13);
    }

    @Test
    void theSnapshotListsWhatIsUnfinishedBelowTheHighestFinished() {
        open(10, 11, 12, 13, 14);
        ledger.done(11);
        ledger.done(13);
        assertThat(ledger.snapshot()).isEqualTo(new FinishedOffsets(10, 13, new long[] {10, 12}));
    }

    @Test
    void offsetsThatWereNeverRecordsCountAsFinished() {
        open(10, 12);
        ledger.done(10);
        assertThat(ledger.mark()).isEqualTo(12);
        ledger.done(12);
        ledger.reach(14);
        assertThat(ledger.mark()).isEqualTo(14);
        assertThat(ledger.snapshot()).isEqualTo(FinishedOffsets.below(14));
    }

    @Test
    void whatAnEarlierOwnerFinishedIsNotWantedAgain() {
        OffsetLedger next = new OffsetLedger(new FinishedOffsets(10, 13, new long[] {10, 12}));
        assertThat(List.of(10L, 11L, 12L, 13L, 14L)).filteredOn(next::wants).containsExactly(10L, 12L, 14L);
        next.open(10);
        assertThat(next.wants(10)).isFalse();
        assertThat(next.snapshot())
                .as("what it has not read yet is still known")
                .isEqualTo(new FinishedOffsets(10, 13, new long[] {10, 12}));
    }

    @Test
    void whatAnEarlierOwnerLeftAndNobodyCanReadDoesNotHoldTheMark() {
        OffsetLedger next = new OffsetLedger(new FinishedOffsets(10, 13, new long[] {10, 12}));
        next.open(12);
        next.reach(14);
        assertThat(next.mark()).isEqualTo(12);
    }

    @Test
    void theSpanCountsFromTheOldestOpenRecord() {
        open(10, 20, 30);
        assertThat(ledger.span()).isEqualTo(21);
        ledger.done(10);
        assertThat(ledger.span()).isEqualTo(11);
        ledger.done(30);
        ledger.done(20);
        assertThat(ledger.span()).isZero();
    }

    @Test
    void whatAnEarlierOwnerFinishedFarAheadIsNoSpanOfTheNext() {
        OffsetLedger next = new OffsetLedger(new FinishedOffsets(10, 9_000_000, new long[] {10, 8_000_000}));
        assertThat(next.span()).as("it has read nothing yet").isZero();
        next.open(10);
        assertThat(next.span()).isEqualTo(1);
    }

    @Test
    void nothingBetweenTwoUnfinishedHasToBeReadAgain() {
        OffsetLedger next = new OffsetLedger(new FinishedOffsets(10, 9_000, new long[] {10, 8_000}));
        assertThat(next.nextWanted()).isEqualTo(10);
        next.open(10);
        assertThat(next.nextWanted()).isEqualTo(8_000);
        next.reach(500);
        assertThat(next.nextWanted()).isEqualTo(8_000);
        next.open(8_000);
        assertThat(next.nextWanted()).isEqualTo(9_001);
        next.open(9_001);
        assertThat(next.nextWanted()).isEqualTo(9_002);
    }

    @Test
    void nothingIsFinishedTwice() {
        open(10);
        ledger.done(10);
        assertThatThrownBy(() -> ledger.done(10)).isInstanceOf(IllegalStateException.class);
    }

    /** Owners die at any moment; each goes on from a commit, and what one commit calls finished never comes back. */
    @RepeatedTest(50)
    void everyOffsetIsFinishedOnceWhoeverOwnsIt(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        TreeSet<Long> existing = new TreeSet<>();
        for (long offset = 0; offset < 400; offset++) {
            if (random.nextInt(10) > 0) {
                existing.add(offset);
            }
        }
        TreeSet<Long> committedDone = new TreeSet<>();
        FinishedOffsets committed = FinishedOffsets.below(0);
        for (int owner = 0; committed.mark() < 400; owner++) {
            committed = own(random, existing, committedDone, committed, owner > 20);
        }
        assertThat(committedDone).isEqualTo(existing);
    }

    private static FinishedOffsets own(
            Random random, Set<Long> existing, Set<Long> committedDone, FinishedOffsets start, boolean toTheEnd) {
        OffsetLedger ledger = new OffsetLedger(start);
        FinishedOffsets committed = start;
        List<Long> open = new ArrayList<>();
        List<Long> uncommitted = new ArrayList<>();
        long position = start.mark();
        for (int step = 0; toTheEnd ? committed.mark() < 400 : step < 150; step++) {
            if (position < 400 && random.nextInt(3) > 0) {
                if (existing.contains(position) && ledger.wants(position)) {
                    assertThat(committedDone).doesNotContain(position);
                    ledger.open(position);
                    open.add(position);
                }
                ledger.reach(++position);
            } else if (!open.isEmpty()) {
                long done = open.remove(random.nextInt(open.size()));
                ledger.done(done);
                uncommitted.add(done);
            }
            if (random.nextInt(10) == 0) {
                committed = throughTheWire(ledger.snapshot());
                committedDone.addAll(uncommitted);
                uncommitted.clear();
                assertThat(committedDone).allMatch(committed::isFinished);
                assertThat(open).noneMatch(committed::isFinished);
            }
        }
        return committed;
    }

    private static FinishedOffsets throughTheWire(FinishedOffsets finished) {
        String metadata = Objects.requireNonNull(LedgerCodec.encode(finished));
        return Objects.requireNonNull(LedgerCodec.decode(finished.mark(), metadata));
    }

    private void open(long... offsets) {
        for (long offset : offsets) {
            ledger.open(offset);
        }
    }
}
