package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KafkaHealthTest {
    private static final long SECOND = 1_000_000_000L;

    private final KafkaHealth health = new KafkaHealth();

    @Test
    void silenceForFiveSecondsIsIllness() {
        health.sent(0);
        assertThat(health.refuses(5 * SECOND)).isFalse();
        assertThat(health.refuses(5 * SECOND + 1)).isTrue();
        health.kept(6 * SECOND);
        assertThat(health.refuses(100 * SECOND)).isFalse();
    }

    @Test
    void anAnswerToOneIsPatienceForTheOthers() {
        health.sent(0);
        health.sent(0);
        health.kept(4 * SECOND);
        assertThat(health.refuses(9 * SECOND)).isFalse();
        assertThat(health.refuses(10 * SECOND)).isTrue();
    }

    @Test
    void aFailureRefusesUntilSomebodyMayProbe() {
        health.sent(0);
        health.failed(60 * SECOND);
        assertThat(health.refuses(60 * SECOND)).isTrue();
        assertThat(health.refuses(61 * SECOND)).isFalse();
        health.sent(61 * SECOND);
        assertThat(health.refuses(61 * SECOND)).isTrue();
        health.kept(62 * SECOND);
        assertThat(health.refuses(62 * SECOND)).isFalse();
    }
}
