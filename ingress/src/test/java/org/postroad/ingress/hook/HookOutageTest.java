package org.postroad.ingress.hook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HookOutageTest {
    private final HookOutage outage = new HookOutage(
            "mx", new Hook("h", HookAddress.ofHttp("http://a/"), null, Duration.ofSeconds(1), Hook.OnFailure.DEFER));

    @Test
    void isToldOnceWhenItBeginsAndOnceWhenNothingHasFailedForAWhile() {
        assertThat(outage.answered(0)).isFalse();
        assertThat(outage.failed("gone", 1)).isTrue();
        assertThat(outage.failed("gone", 2)).isFalse();
        assertThat(outage.answered(3)).isFalse();
        assertThat(outage.failed("gone", HookOutage.QUIET_NANOS)).isFalse();
        assertThat(outage.answered(HookOutage.QUIET_NANOS + 5)).isFalse();
        assertThat(outage.answered(2 * HookOutage.QUIET_NANOS + 1)).isTrue();
        assertThat(outage.answered(2 * HookOutage.QUIET_NANOS + 2)).isFalse();
        assertThat(outage.failed("gone", 3 * HookOutage.QUIET_NANOS)).isTrue();
    }
}
