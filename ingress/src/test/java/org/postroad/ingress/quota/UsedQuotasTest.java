package org.postroad.ingress.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.postroad.ingress.quota.UsedQuotas.Judged;
import org.postroad.ingress.quota.UsedQuotas.Verdict;
import org.postroad.schemas.QuotaClaim;
import org.postroad.schemas.QuotaCount;
import org.postroad.schemas.QuotaEntry;
import org.postroad.schemas.QuotaUse;

class UsedQuotasTest {
    private static final int HOUR = 3_600;
    private static final long HOUR_MILLIS = 3_600_000L;
    private static final long NOON = 1_700_000_000_000L;

    private final UsedQuotas used = new UsedQuotas();
    private long nextId;

    @Test
    void grantsWhatIsLeftInTheOrderOfTheLog() {
        assertThat(granted(NOON, 3, use("user a", 5))).isTrue();
        assertThat(granted(NOON, 3, use("user a", 5))).isFalse();
        assertThat(granted(NOON, 2, use("user a", 5))).isTrue();
        assertThat(granted(NOON, 1, use("user a", 5))).isFalse();
        assertThat(granted(NOON, 1, use("user b", 5))).isTrue();
    }

    @Test
    void theClaimsOfOneRecordHaveItsOrder() {
        QuotaEntry four = claims(1, use("user a", 3), use("user a", 3), use("user a", 3), use("user a", 3));
        assertThat(used.apply(four, NOON))
                .extracting(Judged::verdict)
                .containsExactly(Verdict.GRANTED, Verdict.GRANTED, Verdict.GRANTED, Verdict.EXHAUSTED);
    }

    @Test
    void aMessageGetsAllOrNothingOfItsQuotas() {
        granted(NOON, 1, use("tenant t", 1));
        Judged refused = judged(NOON, 1, use("user a", 1), use("tenant t", 1));
        assertThat(refused.verdict()).isEqualTo(Verdict.EXHAUSTED);
        assertThat(refused.exhausted()).isEqualTo(1);
        assertThat(granted(NOON, 1, use("user a", 1))).isTrue();
    }

    @Test
    void aWindowBeginsWithItsFirstMessageAndLastsItsTime() {
        assertThat(granted(NOON, 1, use("user a", 2))).isTrue();
        assertThat(granted(NOON + HOUR_MILLIS - 1, 1, use("user a", 2))).isTrue();
        assertThat(judged(NOON + HOUR_MILLIS - 1, 1, use("user a", 2))
                        .standings()
                        .get(0)
                        .endsAt())
                .isEqualTo(NOON + HOUR_MILLIS);
        assertThat(granted(NOON + HOUR_MILLIS, 2, use("user a", 2))).isTrue();
        assertThat(granted(NOON + 2 * HOUR_MILLIS - 1, 1, use("user a", 2))).isFalse();
    }

    /** The hour and the day of the same sender are told apart by their names, and each has its own time. */
    @Test
    void anHourEndsWithinItsDay() {
        QuotaUse day = new QuotaUse("user mails/d a", 24 * HOUR, 3L, 1L);
        assertThat(granted(NOON, 1, use("user mails/h a", 2), day)).isTrue();
        assertThat(granted(NOON, 1, use("user mails/h a", 2), day)).isTrue();
        assertThat(granted(NOON + HOUR_MILLIS, 1, use("user mails/h a", 2), day))
                .isTrue();
        Judged fourth = judged(NOON + HOUR_MILLIS, 1, use("user mails/h a", 2), day);
        assertThat(fourth.verdict()).isEqualTo(Verdict.EXHAUSTED);
        assertThat(fourth.exhausted()).isEqualTo(1);
    }

    @Test
    void whatIsGivenBackCanBeUsedAgainWithinItsWindowAlone() {
        granted(NOON, 2, use("user a", 2));
        giveBack(NOON + 1, "user a", NOON, 1);
        assertThat(granted(NOON + 2, 1, use("user a", 2))).isTrue();
        assertThat(granted(NOON + 2, 1, use("user a", 2))).isFalse();
        assertThat(granted(NOON + HOUR_MILLIS, 2, use("user a", 2))).isTrue();
        giveBack(NOON + HOUR_MILLIS, "user a", NOON, 1);
        assertThat(granted(NOON + HOUR_MILLIS, 1, use("user a", 2))).isFalse();
        giveBack(NOON + HOUR_MILLIS, "user a", NOON + HOUR_MILLIS, 100);
        giveBack(NOON + HOUR_MILLIS, "user a", NOON + HOUR_MILLIS, -100);
        assertThat(granted(NOON + HOUR_MILLIS, 2, use("user a", 2))).isTrue();
        assertThat(granted(NOON + HOUR_MILLIS, 1, use("user a", 2))).isFalse();
    }

    /** Another broker leads, whose clock is an hour and a half behind: what was used stays used, and the window ends in an hour. */
    @Test
    void aClockThatGoesBackRenewsNothing() {
        granted(NOON, 2, use("user a", 2));
        long back = NOON - HOUR_MILLIS * 3 / 2;
        assertThat(granted(back, 1, use("user a", 2))).isFalse();
        assertThat(granted(back + HOUR_MILLIS - 1, 1, use("user a", 2))).isFalse();
        assertThat(granted(back + HOUR_MILLIS, 2, use("user a", 2))).isTrue();
    }

    @Test
    void aLimitThatIsLoweredHoldsAtOnce() {
        granted(NOON, 5, use("user a", 10));
        assertThat(granted(NOON, 1, use("user a", 3))).isFalse();
        assertThat(judged(NOON, 1, use("user a", 3)).standings().get(0).left()).isZero();
        assertThat(granted(NOON, 1, use("user a", 10))).isTrue();
    }

    @Test
    void forgetsWindowsThatAreOver() {
        for (int i = 0; i < 1_000; i++) {
            granted(NOON, 1, use("network " + i, 5));
        }
        assertThat(used.size()).isEqualTo(1_000);
        granted(NOON + HOUR_MILLIS, 1, use("network x", 5));
        assertThat(used.size()).isEqualTo(1);
    }

    @Test
    void networksOfStrangersCannotTakeTheRoomOfUsers() {
        List<QuotaClaim> all = new ArrayList<>();
        for (int i = 0; i <= UsedQuotas.MOST_COUNTS / 2; i++) {
            all.add(new QuotaClaim((long) i, List.of(use("network " + i, 5))));
        }
        List<Judged> judged = used.apply(new QuotaEntry("n", all, List.of(), null, null), NOON);
        assertThat(judged.get(judged.size() - 2).verdict()).isEqualTo(Verdict.GRANTED);
        assertThat(judged.get(judged.size() - 1).verdict()).isEqualTo(Verdict.NO_ROOM);
        assertThat(granted(NOON, 1, use("network 0", 5))).isTrue();
        assertThat(granted(NOON, 1, use("user a", 5))).isTrue();
        assertThat(granted(NOON, 1, use("tenant a", 5))).isTrue();
        assertThat(granted(NOON, 1, use("network 0", 5)))
                .as("one that is counted already, above half of all")
                .isTrue();
        assertThat(granted(NOON + HOUR * 1_000L, 1, use("network new", 5)))
                .as("when their hour has ended")
                .isTrue();
    }

    @Test
    void usersTakeNoRoomOfNetworks() {
        for (int i = 0; i < UsedQuotas.MOST_COUNTS / 2; i++) {
            granted(NOON, 1, use("user " + i, 5));
        }
        assertThat(granted(NOON, 1, use("network a", 5), use("client b", 5))).isTrue();
    }

    @Test
    void networksOfABalanceTakeTheirRoom() {
        for (int i = 0; i < UsedQuotas.MOST_COUNTS / 2; i++) {
            granted(NOON, 1, use("network " + i, 5));
        }
        UsedQuotas later = new UsedQuotas();
        later.begin(Balances.of(used, 7));
        QuotaClaim fresh = new QuotaClaim(1L, List.of(use("network new", 5)));
        assertThat(later.apply(new QuotaEntry("n", List.of(fresh), List.of(), null, null), NOON)
                        .get(0)
                        .verdict())
                .isEqualTo(Verdict.NO_ROOM);
    }

    @Test
    void whatIsNoClaimGivesNothing() {
        granted(NOON, 2, use("user a", 2));
        assertThat(granted(NOON, -1, use("user a", 2))).isFalse();
        assertThat(granted(NOON, Long.MAX_VALUE, use("user a", 2))).isFalse();
        assertThat(granted(NOON, 1, use("user a", Long.MIN_VALUE))).isFalse();
        assertThat(granted(NOON, 1, use("user a", 2))).isFalse();
    }

    @Test
    void aBalanceFitsRecordsHoweverManyCountsThereAre() {
        String name = "user mails/h " + "\u00fc".repeat(255);
        for (int i = 0; i < 5_000; i++) {
            granted(NOON, 1, use(name + i, 5));
        }
        var parts = Balances.of(used, 77);
        assertThat(parts).hasSizeGreaterThan(3).allSatisfy(part -> assertThat(part.getParts())
                .isEqualTo(parts.size()));
        UsedQuotas other = new UsedQuotas();
        other.begin(parts);
        assertThat(other.counts()).containsExactlyInAnyOrderElementsOf(used.counts());
        assertThat(other.at()).isEqualTo(NOON);
    }

    @Test
    void balancesOfSeveralNodesAreReadThoughTheyAreWrittenAtOnce() {
        for (int i = 0; i < 10_000; i++) {
            granted(NOON, 1, use("user mails/h " + i, 5));
        }
        var one = Balances.of(used, 70);
        granted(NOON, 1, use("user mails/h x", 5));
        var other = Balances.of(used, 77);
        Balances balances = new Balances();
        for (int i = 0; i < one.size() - 1; i++) {
            assertThat(balances.take("n", one.get(i))).isNull();
            assertThat(balances.take("m", other.get(i))).isNull();
        }
        assertThat(balances.take("n", one.get(one.size() - 1))).isEqualTo(one);
        assertThat(balances.take("m", other.get(one.size() - 1))).isEqualTo(other);
        assertThat(balances.take("k", one.get(one.size() - 1)))
                .as("a part whose first ones were not seen")
                .isNull();
    }

    private static QuotaUse use(String quota, long most) {
        return new QuotaUse(quota, HOUR, most, 1L);
    }

    private static QuotaEntry claims(long count, QuotaUse... each) {
        List<QuotaClaim> claims = LongStream.range(0, each.length)
                .mapToObj(i -> new QuotaClaim(i, List.of(with(each[(int) i], count))))
                .toList();
        return new QuotaEntry("n", claims, List.of(), null, null);
    }

    private static QuotaUse with(QuotaUse use, long count) {
        return new QuotaUse(use.getQuota(), use.getWindow(), use.getMost(), count);
    }

    private void giveBack(long at, String quota, long began, long count) {
        List<QuotaCount> returned = List.of(new QuotaCount(quota, HOUR, began, count));
        used.apply(new QuotaEntry("n", List.of(), returned, null, null), at);
    }

    private boolean granted(long at, long count, QuotaUse... uses) {
        return judged(at, count, uses).verdict() == Verdict.GRANTED;
    }

    private Judged judged(long at, long count, QuotaUse... uses) {
        List<QuotaUse> counted =
                List.of(uses).stream().map(use -> with(use, count)).toList();
        QuotaClaim claim = new QuotaClaim(nextId++, counted);
        return used.apply(new QuotaEntry("n", List.of(claim), List.of(), null, null), at)
                .get(0);
    }
}
