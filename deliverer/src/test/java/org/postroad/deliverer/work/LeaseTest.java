package org.postroad.deliverer.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaseTest {
    private static final long QUICK = Duration.ofMillis(20).toNanos();
    private static final long SLOW = Duration.ofMillis(400).toNanos();

    private final Lease lease = new Lease(1_000);

    @Test
    void lastsFromTheBeginningOfTheCommitThatProvedIt() {
        assertThat(lease.isHeld(0)).isFalse();
        lease.renew(0, SLOW);
        assertThat(lease.isHeld(Lease.LIFE.toNanos() - 1)).isTrue();
        assertThat(lease.isHeld(Lease.LIFE.toNanos())).isFalse();
        lease.renew(SLOW, SLOW);
        lease.end();
        assertThat(lease.isHeld(SLOW)).isFalse();
    }

    @Test
    void letsFewOutcomesRunAheadOfTheFirstCommitsAndMoreOfQuickOnes() {
        lease.renew(0, SLOW);
        assertThat(mayRunAhead(64)).isFalse();
        assertThat(mayRunAhead(63)).isTrue();
        for (int commits = 0; commits < 10; commits++) {
            lease.renew(0, QUICK);
        }
        assertThat(mayRunAhead(999)).isTrue();
        assertThat(mayRunAhead(1_000)).isFalse();
        lease.renew(0, SLOW);
        assertThat(mayRunAhead(500)).isFalse();
        assertThat(mayRunAhead(499)).isTrue();
    }

    private boolean mayRunAhead(int outcomes) {
        lease.uncommitted(outcomes);
        return lease.isHeld(QUICK);
    }
}
