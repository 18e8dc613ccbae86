package org.postroad.deliverer.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.Gauge;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StoppedPartitionsTest {
    private final Gauge count = Gauge.build("stopped", "test").create();
    private final StoppedPartitions stopped = new StoppedPartitions(count);

    @Test
    void theyAreCountedAndSaidWhenTheyChange() {
        assertThat(stopped.are(Map.of())).as("as it was").isFalse();
        Map<String, List<String>> two =
                Map.of("p.held-0", List.of("000000000001"), "p.held-1", List.of("000000000001"));
        assertThat(stopped.are(two)).isTrue();
        assertThat(stopped.are(Map.copyOf(two))).as("the same again").isFalse();
        assertThat(count.get()).isEqualTo(2);
        assertThat(stopped.are(Map.of("p.held-0", List.of("000000000001")))).isTrue();
        assertThat(count.get()).isEqualTo(1);
        assertThat(stopped.are(Map.of())).isTrue();
        assertThat(count.get()).isZero();
    }
}
