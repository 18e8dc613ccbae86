package org.postroad.deliverer.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.commit.ClientSettings;

class LeaseTest {
    private static final long QUICK = Duration.ofMillis(20).toNanos();
    private static final long SLOW = Duration.ofMillis(400).toNanos();

    private final Lease lease = new Lease(4_000);

    @Test
    void lastsFromTheBeginningOfTheCommitThatProvedIt() {
        assertThat(lease.isHeld(0)).isFalse();
        lease.renew(0, SLOW, 0);
        assertThat(lease.isHeld(Lease.LIFE.toNanos() - 1)).isTrue();
        assertThat(lease.isHeld(Lease.LIFE.toNanos())).isFalse();
        assertThat(lease.permitsDot(Lease.LIFE.toNanos())).isFalse();
        lease.renew(SLOW, SLOW, 0);
        lease.end();
        assertThat(lease.isHeld(SLOW)).isFalse();
        assertThat(lease.permitsDot(SLOW)).isFalse();
    }

    /** The table of the argument: what was begun when, and until when it permits. */
    @Test
    void aSessionProvesOwnershipForLessThanItLastsFromWhenItWasAskedFor() {
        lease.proveSession(0);
        assertThat(lease.isHeld(0))
                .as("without any commit nothing can be written")
                .isFalse();
        lease.renew(0, SLOW, 0);
        lease.proveSession(seconds(1));
        assertThat(heldUntil(60)).isEqualTo(Lease.SESSION_LIFE.plusSeconds(1));
        lease.proveSession(seconds(4));
        assertThat(heldUntil(60)).isEqualTo(Lease.SESSION_LIFE.plusSeconds(4));
        assertThat(Lease.SESSION_LIFE).isLessThan(ClientSettings.SESSION);
    }

    @Test
    void noSessionOutlastsCommitsThatNeverSucceed() {
        lease.renew(0, SLOW, 0);
        long longest = Lease.LONGEST_COMMIT.toSeconds();
        for (long second = 0; second < 2 * longest; second++) {
            lease.proveSession(seconds(second));
            assertThat(lease.isHeld(seconds(second))).isEqualTo(second < longest);
        }
    }

    @Test
    void whatWasProvenBeforeItsEndIsWorthNothingAfterwards() {
        lease.renew(0, SLOW, 0);
        lease.proveSession(0);
        lease.end();
        lease.renew(0, SLOW, 0);
        assertThat(heldUntil(60)).isEqualTo(Lease.LIFE);
    }

    @Test
    void theSessionIsAskedOnlyWhereCommitsAreSlow() {
        assertThat(lease.isOverdue(seconds(100))).as("it owns nothing").isFalse();
        lease.renew(0, QUICK, 0);
        assertThat(lease.isOverdue(Lease.LIFE.toNanos() / 3))
                .as("between two renewals")
                .isFalse();
        assertThat(lease.isOverdue(seconds(1))).isTrue();
    }

    private Duration heldUntil(long limitSeconds) {
        long step = Duration.ofMillis(100).toNanos();
        long now = 0;
        while (now < seconds(limitSeconds) && lease.isHeld(now)) {
            now += step;
        }
        return Duration.ofNanos(now);
    }

    private static long seconds(long count) {
        return Duration.ofSeconds(count).toNanos();
    }

    /** Each line: commits of this kind, one after another, and how many dots may follow the last of them. */
    @Test
    void letsFewDotsRunAheadOfTheFirstCommitsAndMoreOfQuickOnes() {
        lease.renew(0, SLOW, 0);
        assertThat(dotsUntilRefused()).isEqualTo(128);
        commits(10, QUICK);
        assertThat(dotsUntilRefused()).isEqualTo(4_000);
        commits(1, SLOW);
        assertThat(dotsUntilRefused()).isEqualTo(2_000);
        commits(100, SLOW);
        assertThat(dotsUntilRefused()).isEqualTo(1_000);
    }

    @Test
    void whatIsSentWhileACommitLastsIsNotSettledByIt() {
        commits(1, QUICK);
        int most = dotsUntilRefused();
        commits(1, QUICK);
        long sentBefore = lease.sent();
        int meanwhile = 0;
        for (; meanwhile < 100; meanwhile++) {
            assertThat(lease.permitsDot(QUICK)).isTrue();
        }
        lease.renew(0, QUICK, sentBefore);
        assertThat(dotsUntilRefused()).isEqualTo(4 * most - meanwhile);
    }

    private void commits(int count, long nanos) {
        for (int i = 0; i < count; i++) {
            lease.renew(0, nanos, lease.sent());
        }
    }

    private int dotsUntilRefused() {
        int dots = 0;
        while (lease.permitsDot(QUICK)) {
            dots++;
        }
        assertThat(lease.isHeld(QUICK))
                .as("nothing is started that could not be finished")
                .isFalse();
        return dots;
    }
}
