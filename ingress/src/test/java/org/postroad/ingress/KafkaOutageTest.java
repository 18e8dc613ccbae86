package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KafkaOutageTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void whatFailsAndSucceedsInTurnIsOneOutage() {
        KafkaOutage outage = new KafkaOutage("messages");
        assertThat(outage.kept(0)).isFalse();
        assertThat(outage.failed(null, SECOND)).isTrue();
        for (int second = 2; second < 60; second += 2) {
            assertThat(outage.kept(second * SECOND)).isFalse();
            assertThat(outage.failed(null, (second + 1) * SECOND)).isFalse();
        }
        assertThat(outage.kept(60 * SECOND)).isFalse();
        assertThat(outage.kept(59 * SECOND + KafkaOutage.QUIET_NANOS + 1)).isTrue();
        assertThat(outage.kept(90 * SECOND)).isFalse();
        assertThat(outage.failed(null, 91 * SECOND)).isTrue();
    }
}
