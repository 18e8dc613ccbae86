package org.postroad.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StreamFaultsTest {
    private final StreamFaults faults = new StreamFaults();

    @BeforeEach
    void doNotPause() {
        faults.closing();
    }

    @Test
    void stopsWhereGoingOnWouldRepeatOrLoseMail() {
        TopicPartition partition = new TopicPartition("inbound", 0);
        for (Throwable fault : new Throwable[] {
            new StreamsException("No valid committed offset found for input [inbound] and no valid reset policy"),
            new StreamsException("x", new OffsetOutOfRangeException(Map.of(partition, 7L))),
            new StreamsException(new MissingSourceTopicException("gone")),
        }) {
            assertThat(faults.handle(fault)).isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
        }
    }

    /** Tried again every second it would be refused every second, each time with a stack trace. */
    @Test
    void stopsWhereKafkaRefusesAndTellsWhatItRefused() {
        for (Throwable refusal : new Throwable[] {
            new TopicAuthorizationException(Set.of("inbound")),
            new GroupAuthorizationException("router"),
            new TransactionalIdAuthorizationException("no"),
        }) {
            StreamFaults its = new StreamFaults();
            assertThat(its.fatal()).isNull();
            assertThat(its.handle(new StreamsException("x", new KafkaException(refusal))))
                    .isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
            assertThat(its.fatal()).hasRootCause(refusal);
        }
    }

    @Test
    void replacesTheThreadAfterAnythingElse() {
        for (Throwable fault : new Throwable[] {
            new StreamsException("x", new KafkaException("broker away")), new IllegalStateException("bug"),
        }) {
            assertThat(faults.handle(fault)).isEqualTo(StreamThreadExceptionResponse.REPLACE_THREAD);
        }
    }
}
