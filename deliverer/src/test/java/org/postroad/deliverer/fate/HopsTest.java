package org.postroad.deliverer.fate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deliverer.config.RetryConfig;

class HopsTest {
    private static final Hops HOPS = new Hops(RetryConfig.DEFAULT.tiers());

    @ParameterizedTest
    @CsvSource({
        "PT5M, PT5M",
        "PT4M59.9S, PT5M",
        "PT4M50S, PT1M",
        "PT2H, PT1H",
        "PT30M, PT15M",
        "PT12H, PT4H",
        "PT1M1S, PT1M",
        "PT31S, PT30S",
        "PT10S, PT30S",
        "PT0.001S, PT30S",
        "-PT10S, PT30S"
    })
    void takesTheLongestTierThatFits(Duration remaining, Duration tier) {
        assertThat(HOPS.next(1_000_000_000, 1_000_000_000 + remaining.toMillis()))
                .isEqualTo(tier);
    }

    @Test
    void anExchangerThatNeverAnswersTheDotGetsSixCopiesInFiveDays() {
        RetryPolicy policy = new RetryPolicy(List.of(Duration.ofMinutes(5), Duration.ofHours(1)));
        long expiry = Duration.ofDays(5).toMillis();
        int copies = 1;
        for (long now = 0; now < expiry; copies++) {
            now = policy.dueAfterDoubt(now, copies, 0, expiry);
        }
        assertThat(copies).isEqualTo(6);
        assertThat(policy.dueAfterDoubt(0, 1, 0, expiry))
                .isEqualTo(Duration.ofMinutes(30).toMillis());
    }

    @Test
    void aHopThatEndsJustBeforeTheDueTimeWaitsForIt() {
        long written = 1_000_000;
        Duration tier = Duration.ofMinutes(5);
        long end = written + tier.toMillis();
        assertThat(HOPS.leaves(written, tier, end + 200)).isEqualTo(end + 200);
        assertThat(HOPS.leaves(written, tier, end - 200)).isEqualTo(end);
        assertThat(HOPS.leaves(written, tier, end + 60_000)).isEqualTo(end);
    }

    @Test
    void everyWaitOfTheDefaultScheduleTakesFewHops() {
        assertThat(RetryConfig.DEFAULT.schedule().stream().map(wait -> hops(new Random(1), HOPS, wait.toMillis())))
                .containsExactly(1, 1, 2, 1, 2, 1);
    }

    @RepeatedTest(100)
    void isNeverEarlyAndAtMostOneShortestTierLate(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        hops(random, HOPS, random.nextLong(Duration.ofHours(13).toMillis()));
        hops(random, new Hops(List.of(Duration.ofSeconds(1))), random.nextLong(20_000));
    }

    /** Mail hops with 20 to 60 ms for batching at each; asserts when it arrives. */
    private static int hops(Random random, Hops hops, long waitMillis) {
        long due = waitMillis;
        long now = 0;
        long shortest = hops.next(0, 0).toMillis();
        int count = 0;
        while (now < due || count == 0) {
            Duration tier = hops.next(now, due);
            long written = now + 20 + random.nextInt(40);
            now = hops.leaves(written, tier, due);
            count++;
        }
        assertThat(now).isBetween(due, due + shortest + count * 60L);
        return count;
    }

    @Test
    void theScheduleRepeatsItsLastWait() {
        RetryPolicy policy = new RetryPolicy(List.of(Duration.ofMinutes(5), Duration.ofHours(1)));
        assertThat(Stream.of(1, 2, 3, 100).map(attempts -> policy.dueAfterAttempt(7, attempts)))
                .containsExactly(300_007L, 3_600_007L, 3_600_007L, 3_600_007L);
    }
}
