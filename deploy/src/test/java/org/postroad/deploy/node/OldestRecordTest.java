package org.postroad.deploy.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class OldestRecordTest {
    private static final TopicPartition INBOUND_0 = new TopicPartition("inbound", 0);
    private static final TopicPartition INBOUND_1 = new TopicPartition("inbound", 1);
    private static final TopicPartition HELD = new TopicPartition("held", 0);

    @Test
    void aTopicThatWasNotWhollyReadHasNoFigure() {
        Set<TopicPartition> asked = Set.of(INBOUND_0, INBOUND_1, HELD);
        assertThat(OldestRecord.oldest(asked, Map.of(INBOUND_0, 7L, INBOUND_1, 5L)))
                .isEqualTo(Map.of("inbound", 5L));
        assertThat(OldestRecord.oldest(asked, Map.of(INBOUND_0, 7L, HELD, 9L))).isEqualTo(Map.of("held", 9L));
        assertThat(OldestRecord.oldest(asked, Map.of(INBOUND_0, 7L, INBOUND_1, OldestRecord.NOTHING)))
                .isEqualTo(Map.of("inbound", 7L));
        assertThat(OldestRecord.oldest(asked, Map.of())).isEmpty();
    }
}
