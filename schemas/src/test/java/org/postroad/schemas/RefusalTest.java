package org.postroad.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class RefusalTest {
    @Test
    void isFoundHoweverDeepItLies() {
        TopicAuthorizationException refusal = new TopicAuthorizationException("no");
        assertThat(Refusal.in(new ExecutionException(new KafkaException("wrapped", refusal))))
                .isSameAs(refusal);
    }

    @Test
    void isFoundWhereTheClientSaysItInWordsAlone() {
        KafkaException words =
                new KafkaException("Unexpected error in TxnOffsetCommitResponse: Topic authorization failed.");
        assertThat(Refusal.in(new KafkaException("adding offsets", words)))
                .isNotNull()
                .hasMessageContaining("Topic authorization failed.");
    }

    @Test
    void otherFaultsAreNone() {
        assertThat(Refusal.in(null)).isNull();
        assertThat(Refusal.in(new KafkaException("Unexpected error in TxnOffsetCommitResponse: The server was slow.")))
                .isNull();
        assertThat(Refusal.in(new TimeoutException("Topic authorization failed. or so")))
                .isNull();
    }
}
