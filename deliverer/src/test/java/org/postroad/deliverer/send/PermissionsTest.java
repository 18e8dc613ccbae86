package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.delivery.Lease;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;

class PermissionsTest {
    private final Lease lease = new Lease(1);
    private final List<String> asked = new ArrayList<>();
    private final Permissions permissions = new Permissions(lease, () -> asked.add("soon"));
    private final WaitingDestination one = new Named("one.test");
    private final WaitingDestination other = new Named("other.test");

    @Test
    void whoIsRefusedWaitsOnceAndIsLookedAtSoon() {
        assertThat(permissions.toStart(one, 0)).isFalse();
        assertThat(permissions.toSendDot(one, 0)).isFalse();
        assertThat(permissions.toStart(other, 0)).isFalse();
        assertThat(asked).hasSize(3);
        assertThat(permissions.takeWaiting()).containsExactly(one, other);
        assertThat(permissions.isAnyoneWaiting()).isFalse();
    }

    @Test
    void aDotTakesWhatTheLeasePermits() {
        lease.renew(0, 0, 0);
        assertThat(permissions.toStart(one, 0)).isTrue();
        assertThat(permissions.toSendDot(one, 0)).isTrue();
        assertThat(permissions.toSendDot(other, 0)).as("one may be in doubt").isFalse();
        assertThat(permissions.takeWaiting()).containsExactly(other);
        lease.renew(1, 1, lease.sent());
        assertThat(permissions.toSendDot(other, 1)).isTrue();
        assertThat(permissions.isAnyoneWaiting()).isFalse();
    }

    private record Named(String name) implements WaitingDestination {
        @Override
        public int waiting() {
            return 1;
        }

        @Override
        public boolean call() {
            return true;
        }

        @Override
        public @Nullable Transaction board(SmtpConnection connection) {
            return null;
        }

        @Override
        public void tick(long now) {}
    }
}
