package org.postroad.deliverer.commit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** What is believed of a batch whose commit had no answer, by what the group has committed. */
class OutcomeBatchTest {
    private static final TopicPartition AT = new TopicPartition("p.retry.1m", 0);

    @Test
    void rowsBelowTheMarkAreWritten() {
        assertThat(isWritten(new OffsetAndMetadata(6), new OffsetAndMetadata(6), 5))
                .isTrue();
        assertThat(isWritten(new OffsetAndMetadata(6), new OffsetAndMetadata(5), 5))
                .isFalse();
    }

    @Test
    void rowsBehindTheMarkAreWrittenWhereTheVeryMetadataOfTheirBatchIs() {
        OffsetAndMetadata ours = new OffsetAndMetadata(2, "early1 2 a.test@9");
        assertThat(isWritten(ours, ours, 8)).isTrue();
        assertThat(isWritten(ours, new OffsetAndMetadata(2, "early1 2 a.test@8"), 8))
                .isFalse();
        assertThat(isWritten(ours, new OffsetAndMetadata(2, ""), 8)).isFalse();
    }

    /** A ledger that did not fit is committed as a mark alone, by one batch after another. */
    @Test
    void theSameMarkWithoutMetadataProvesNothing() {
        assertThat(isWritten(new OffsetAndMetadata(2, ""), new OffsetAndMetadata(2, ""), 8))
                .isFalse();
    }

    private static boolean isWritten(OffsetAndMetadata ours, OffsetAndMetadata committed, long row) {
        OutcomeBatch batch = new OutcomeBatch(
                List.of(new OutcomeBatch.Share(AT, 1, ours, List.of(new OutcomeBatch.Row(row, List.of())))));
        return batch.withoutWritten(Map.of(AT, committed)).isEmpty();
    }
}
