package org.postroad.deliverer.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

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
