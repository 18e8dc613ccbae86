package org.postroad.deploy.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.postroad.deploy.operator.Cut;

class TrimTest {
    private static final TopicPartition INBOUND = new TopicPartition("inbound", 0);
    private static final TopicPartition FAILED = new TopicPartition("failed", 0);
    private static final TopicPartition OUTBOUND = new TopicPartition("outbound", 0);

    private final Trim trim = new Trim(Set.of("failed"));

    @Test
    void goesUpToTheCommittedMarkAndNoFurther() {
        assertThat(due(cut(5_000))).containsOnly(Map.entry(INBOUND, 5_000L));
    }

    @Test
    void leavesAFewRecordsAlone() {
        assertThat(due(cut(Trim.WORTHWHILE - 1))).isEmpty();
    }

    @Test
    void doesNotAskTwice() {
        trim.done(due(cut(5_000)));
        assertThat(due(cut(5_000))).isEmpty();
        assertThat(due(cut(7_000))).containsOnly(Map.entry(INBOUND, 7_000L));
    }

    @Test
    void leavesATopicWithoutMarkAlone() {
        assertThat(due(cut(9_000))).doesNotContainKey(OUTBOUND);
    }

    private Map<TopicPartition, Long> due(Cut cut) {
        return trim.due(cut, cut.routed());
    }

    private static Cut cut(long routed) {
        return new Cut(
                Map.of(INBOUND, 0L, FAILED, 0L, OUTBOUND, 0L),
                Map.of(INBOUND, 10_000L, FAILED, 10_000L, OUTBOUND, 10_000L),
                Map.of(INBOUND, new OffsetAndMetadata(routed), FAILED, new OffsetAndMetadata(routed)),
                Map.of(),
                Map.of());
    }
}
