package org.postroad.ingress.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.postroad.ingress.quota.UsedQuotas.Judged;
import org.postroad.ingress.quota.UsedQuotas.Verdict;
import org.postroad.schemas.QuotaBalance;
import org.postroad.schemas.QuotaClaim;
import org.postroad.schemas.QuotaCount;
import org.postroad.schemas.QuotaEntry;
import org.postroad.schemas.QuotaUse;

/**
 * Several nodes read one log, some from its start and some from a balance that another wrote, while hours end and the leader's clock
 * steps: all come to the same answers, and no window ever gives more than it has.
 */
class QuotaAgreementTest {
    private static final long NOON = 1_700_000_000_000L;
    private static final int SEEDS = 200;

    private record Stored(QuotaEntry entry, long at) {}

    @Test
    void allReadersOfALogAgreeAndNothingIsOverdrawn() {
        for (long seed = 0; seed < SEEDS; seed++) {
            List<Stored> log = new ArrayList<>();
            List<List<Judged>> answers = firstReader(new SplittableRandom(seed), log);
            SplittableRandom random = new SplittableRandom(~seed);
            for (int reader = 0; reader < 3; reader++) {
                laterReader(seed, log, answers, random.nextInt(log.size()));
            }
        }
    }

    /** Writes the log while it reads it. */
    private static List<List<Judged>> firstReader(SplittableRandom random, List<Stored> log) {
        UsedQuotas used = new UsedQuotas();
        List<List<Judged>> answers = new ArrayList<>();
        Map<String, Long> given = new HashMap<>();
        List<QuotaCount> taken = new ArrayList<>();
        long at = NOON;
        for (int i = 0; i < 300; i++) {
            at += random.nextInt(20) == 0 ? random.nextLong(-30_000, 3_000_000) : random.nextLong(5_000);
            QuotaEntry entry = random.nextInt(12) == 0
                    ? balance(used, i)
                    : random.nextInt(6) == 0 && !taken.isEmpty()
                            ? returned(taken.remove(random.nextInt(taken.size())), given)
                            : claims(random);
            log.add(new Stored(entry, at));
            List<Judged> judged = used.apply(entry, at);
            answers.add(judged);
            judged.forEach(one -> count(one, given, taken));
        }
        assertThat(answers.stream().flatMap(List::stream).map(Judged::verdict))
                .contains(Verdict.GRANTED, Verdict.EXHAUSTED);
        return answers;
    }

    private static void count(Judged judged, Map<String, Long> given, List<QuotaCount> taken) {
        if (judged.verdict() != Verdict.GRANTED) {
            return;
        }
        for (UsedQuotas.Standing standing : judged.standings()) {
            QuotaUse use = standing.use();
            taken.add(new QuotaCount(use.getQuota(), use.getWindow(), standing.began(), use.getCount()));
            long sum = given.merge(standing.began() + use.getQuota(), use.getCount(), Long::sum);
            assertThat(sum).as("given by one window of %s", use.getQuota()).isLessThanOrEqualTo(use.getMost());
        }
    }

    private static QuotaEntry returned(QuotaCount count, Map<String, Long> given) {
        given.merge(count.getBegan() + count.getQuota(), -count.getUsed(), Long::sum);
        return new QuotaEntry("n", List.of(), List.of(count), null, null);
    }

    private static QuotaEntry balance(UsedQuotas used, long upTo) {
        List<QuotaBalance> parts = Balances.of(used, upTo);
        assertThat(parts).hasSize(1);
        return new QuotaEntry("n", List.of(), List.of(), parts.get(0), null);
    }

    private static QuotaEntry claims(SplittableRandom random) {
        List<QuotaClaim> claims = new ArrayList<>();
        for (int n = random.nextInt(1, 5); n > 0; n--) {
            String user = "user " + random.nextInt(4);
            List<QuotaUse> uses = new ArrayList<>(List.of(new QuotaUse(user, 3_600, 20L, random.nextLong(1, 4))));
            if (random.nextBoolean()) {
                uses.add(new QuotaUse("tenant", 86_400, 60L, 1L));
            }
            claims.add(new QuotaClaim(random.nextLong(), uses));
        }
        return new QuotaEntry("node" + random.nextInt(3), claims, List.of(), null, null);
    }

    /** One that starts when the log has grown so far: from the last balance before. */
    private static void laterReader(long seed, List<Stored> log, List<List<Judged>> answers, int started) {
        UsedQuotas used = new UsedQuotas();
        int from = 0;
        for (int i = started; i >= 0 && from == 0; i--) {
            QuotaBalance balance = log.get(i).entry().getBalance();
            if (balance != null) {
                used.begin(List.of(balance));
                from = (int) balance.getUpTo();
            }
        }
        for (int i = from; i < log.size(); i++) {
            assertThat(used.apply(log.get(i).entry(), log.get(i).at()))
                    .as("seed %d, record %d, read from %d on", seed, i, from)
                    .isEqualTo(answers.get(i));
        }
    }
}
