package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Step;

class AddressLimitsTest {
    private static final InetSocketAddress AT = new InetSocketAddress("127.0.0.1", 25);
    private static final Breakdown CLOSED = Breakdown.of(Breakdown.Kind.LOST, Step.BANNER, "closed");

    private final AddressLimits limits = new AddressLimits(100);
    private final Told a = new Told();
    private final Told b = new Told();

    @Test
    void allLoopsTogetherHaveNoMoreThanTheLimit() {
        assertThat(limits.take(AT, 3, a, 0)).isTrue();
        assertThat(limits.take(AT, 3, b, 0)).isTrue();
        assertThat(limits.take(AT, 3, a, 0)).isTrue();
        assertThat(limits.take(AT, 3, b, 0)).isFalse();
        assertThat(limits.take(AT, 4, b, 0)).as("of another destination").isTrue();
        limits.closed(AT, AddressLimits.Ended.OPENING, a, 0);
        assertThat(limits.take(AT, 3, b, 0)).isFalse();
        limits.closed(AT, AddressLimits.Ended.OPENING, a, 0);
        assertThat(limits.take(AT, 3, b, 0)).isTrue();
    }

    @Test
    void aFreedPlaceIsKeptForWhoHasWaitedLongestAndNotForEver() {
        limits.take(AT, 1, a, 0);
        limits.await(AT, b);
        limits.await(AT, a);
        assertThat(a.wanted).containsExactly(AT);
        assertThat(b.wanted).isEmpty();
        assertThat(limits.closed(AT, AddressLimits.Ended.READY, a, 0)).isSameAs(b);
        assertThat(limits.take(AT, 1, a, 1)).as("it is kept").isFalse();
        assertThat(limits.take(AT, 1, b, 1)).isTrue();
        assertThat(limits.closed(AT, AddressLimits.Ended.READY, b, 1))
                .as("its next turn is after the other's")
                .isSameAs(a);
        assertThat(limits.take(AT, 1, b, AddressLimits.KEPT_NANOS)).isFalse();
        assertThat(limits.take(AT, 1, b, 1 + AddressLimits.KEPT_NANOS)).isTrue();
    }

    @Test
    void whoDoesNotNeedItAnyMorePassesItOn() {
        limits.take(AT, 1, a, 0);
        limits.await(AT, b);
        limits.await(AT, a);
        assertThat(limits.closed(AT, AddressLimits.Ended.READY, a, 0)).isSameAs(b);
        assertThat(limits.leave(AT, b, 0)).isSameAs(a);
        assertThat(limits.take(AT, 1, a, 0)).isTrue();
        assertThat(limits.leave(AT, a, 0)).isNull();
    }

    @Test
    void whoHasMoreOwesAPlaceToWhoHasNoneOrFewerByTwo() {
        int[][] table = {
            // of a, of b, whether a owes b
            {1, 0, 1}, {2, 0, 1}, {1, 1, 0}, {2, 1, 0}, {3, 1, 1}, {5, 5, 0}, {0, 3, 0}
        };
        for (int[] row : table) {
            AddressLimits fresh = new AddressLimits(100);
            for (int i = 0; i < row[0]; i++) {
                fresh.take(AT, 10, a, 0);
            }
            for (int i = 0; i < row[1]; i++) {
                fresh.take(AT, 10, b, 0);
            }
            assertThat(fresh.owesPlace(AT, a)).as("nobody waits").isFalse();
            fresh.await(AT, b);
            assertThat(fresh.owesPlace(AT, a)).as("%d and %d", row[0], row[1]).isEqualTo(row[2] == 1 && row[0] > 0);
        }
    }

    @Test
    void onlyConnectionsThatAreReadyMakeAnExchangerFull() {
        limits.take(AT, 10, a, 0);
        limits.take(AT, 10, b, 0);
        assertThat(limits.isOnlyFull(AT, 0)).as("both are opening").isFalse();
        limits.ready(AT);
        assertThat(limits.isOnlyFull(AT, 0)).isTrue();
        assertThat(limits.take(AT, 10, a, 0)).as("it serves one").isFalse();
        limits.closed(AT, AddressLimits.Ended.READY, a, 0);
        assertThat(limits.isOnlyFull(AT, 0)).isFalse();
    }

    @Test
    void oneThatHasJustEndedIsCountedByTheExchangerForAMoment() {
        limits.take(AT, 1, a, 0);
        limits.ready(AT);
        limits.worked(AT);
        limits.closed(AT, AddressLimits.Ended.USEFUL, a, 0);
        assertThat(limits.isOnlyFull(AT, 1)).isTrue();
        assertThat(limits.take(AT, 1, b, 2)).as("not at once").isFalse();
        assertThat(limits.take(AT, 1, b, 1 + ConnectPace.BRIEF_NANOS)).isTrue();
        limits.closed(AT, AddressLimits.Ended.READY, b, AddressLimits.COUNTED_NANOS);
        assertThat(limits.isOnlyFull(AT, AddressLimits.COUNTED_NANOS)).isFalse();
    }

    @Test
    void anExchangerThatFailsMakesAllLoopsWaitWithItsWords() {
        fail();
        assertThat(limits.take(AT, 10, b, 1)).isFalse();
        assertThat(limits.waitsFor(AT, 1)).isEqualTo(CLOSED);
        assertThat(limits.take(AT, 10, b, ConnectPace.FIRST_WAIT_NANOS)).isTrue();
        limits.ready(AT);
        assertThat(limits.waitsFor(AT, ConnectPace.FIRST_WAIT_NANOS + 1))
                .as("one can carry mail")
                .isNull();
        limits.worked(AT);
        assertThat(limits.take(AT, 10, a, ConnectPace.FIRST_WAIT_NANOS + 1)).isTrue();
    }

    @Test
    void remembersNoMoreAddressesThanItMayAndNothingOfThoseThatWork() {
        for (int port = 1; port <= 10_000; port++) {
            InetSocketAddress at = new InetSocketAddress("127.0.0.1", port);
            limits.take(at, 10, a, 0);
            limits.closed(at, AddressLimits.Ended.OPENING, a, 0);
            limits.fruitless(at, CLOSED, 0);
        }
        assertThat(limits.size()).isLessThanOrEqualTo(101);
        AddressLimits fresh = new AddressLimits(100);
        fresh.take(AT, 10, a, 0);
        fresh.ready(AT);
        fresh.worked(AT);
        fresh.closed(AT, AddressLimits.Ended.READY, a, 0);
        assertThat(fresh.size()).isZero();
    }

    /** Whatever happens in whatever order, nobody exceeds the limit, and a place that is free is soon taken by one who waits. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void nobodyExceedsTheLimitAndNoPlaceIsLost(long seed) {
        Random random = new Random(seed);
        List<Told> loops = List.of(a, b, new Told(), new Told());
        int[] open = new int[loops.size()];
        int limit = 1 + random.nextInt(5);
        long now = 0;
        for (int step = 0; step < 10_000; step++) {
            now += random.nextInt(1_000_000);
            int who = random.nextInt(loops.size());
            Told loop = loops.get(who);
            if (random.nextBoolean() && limits.take(AT, limit, loop, now)) {
                open[who]++;
            } else if (open[who] > 0 && random.nextBoolean()) {
                open[who]--;
                limits.closed(AT, AddressLimits.Ended.OPENING, loop, now);
            } else if (random.nextInt(3) > 0) {
                limits.await(AT, loop);
            } else {
                limits.leave(AT, loop, now);
            }
            int all = java.util.Arrays.stream(open).sum();
            assertThat(all).as("seed %d step %d", seed, step).isLessThanOrEqualTo(limit);
            assertThat(limits.openTo(AT)).as("seed %d step %d", seed, step).isEqualTo(all);
        }
        long later = now + AddressLimits.KEPT_NANOS;
        int all = java.util.Arrays.stream(open).sum();
        assertThat(all == limit || limits.take(AT, limit, b, later))
                .as("seed %d", seed)
                .isTrue();
    }

    private void fail() {
        for (int i = 0; i < ConnectPace.FRUITLESS_RUN; i++) {
            limits.take(AT, 10, a, 0);
            limits.closed(AT, AddressLimits.Ended.OPENING, a, 0);
            limits.fruitless(AT, CLOSED, 0);
        }
    }

    /** A loop that keeps what it was told. */
    private static final class Told implements AddressLimits.Loop {
        private final List<InetSocketAddress> freed = new ArrayList<>();
        private final List<InetSocketAddress> wanted = new ArrayList<>();

        @Override
        public void placeFreed(InetSocketAddress address) {
            freed.add(address);
        }

        @Override
        public void placeWanted(InetSocketAddress address) {
            wanted.add(address);
        }
    }
}
