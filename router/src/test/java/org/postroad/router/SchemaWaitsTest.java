package org.postroad.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KnownSchemas;

class SchemaWaitsTest {
    private static final TopicPartition ONE = new TopicPartition("inbound", 1);
    private static final TopicPartition TWO = new TopicPartition("inbound", 2);

    private final KnownSchemas schemas = new KnownSchemas();
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final AtomicInteger lessons = new AtomicInteger();
    private final SchemaWaits waits =
            new SchemaWaits(new Mocked(), schemas, new SchemaLessons(lessons::incrementAndGet));
    private final byte[] readable = new Codec<>(Envelope.class, schemas).encode(Mails.to("a@routed.example"));
    private final byte[] newer = NewerEnvelopes.write(Mails.to("a@routed.example"));

    private final class Mocked implements SchemaWaits.Reading {
        @Override
        public Set<TopicPartition> assigned() {
            return consumer.assignment();
        }

        @Override
        public void pause(Collection<TopicPartition> partitions) {
            consumer.pause(partitions);
        }

        @Override
        public void resume(Collection<TopicPartition> partitions) {
            consumer.resume(partitions);
        }

        @Override
        public void seek(TopicPartition partition, long offset) {
            consumer.seek(partition, offset);
        }
    }

    @BeforeEach
    void assign() {
        consumer.assign(List.of(ONE, TWO));
        consumer.updateBeginningOffsets(Map.of(ONE, 0L, TWO, 0L));
        write(ONE, readable, newer, readable);
        write(TWO, readable, readable, readable);
    }

    @Test
    void onePartitionWaitsAtTheRecordAndTheOthersGoOn() {
        ConsumerRecords<byte[], byte[]> polled = poll();
        assertThat(polled.records(ONE)).extracting(ConsumerRecord::offset).containsExactly(0L);
        assertThat(polled.records(TWO)).hasSize(3);
        assertThat(polled.nextOffsets().get(ONE)).isEqualTo(new OffsetAndMetadata(1));
        assertThat(polled.nextOffsets().get(TWO)).isEqualTo(new OffsetAndMetadata(3));
        assertThat(consumer.position(ONE)).isEqualTo(1);
        assertThat(consumer.paused()).containsExactly(ONE);
    }

    @Test
    void aPartitionWhoseFirstRecordMustWaitBringsNone() {
        poll();
        consumer.resume(Set.of(ONE)); // as if it had left and come back
        write(ONE, newer);
        ConsumerRecords<byte[], byte[]> polled = waits.withoutUnlearned(
                new ConsumerRecords<>(
                        Map.of(ONE, List.of(new ConsumerRecord<>("inbound", 1, 1L, null, newer))),
                        Map.of(ONE, new OffsetAndMetadata(2))),
                0);
        assertThat(polled.isEmpty()).isTrue();
        assertThat(polled.nextOffsets()).isEqualTo(Map.of(ONE, new OffsetAndMetadata(1)));
        assertThat(consumer.paused()).containsExactly(ONE);
    }

    @Test
    void itGoesOnOnceTheSchemaIsLearned() {
        poll();
        schemas.add(NewerEnvelopes.ENVELOPE);
        write(ONE, readable, newer, readable); // a mock forgets what it gave
        assertThat(poll().records(ONE)).extracting(ConsumerRecord::offset).containsExactly(1L, 2L);
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void streamsMayNotResumeItAndWhatStreamsPausedStaysSo() {
        poll();
        assertThat(waits.resumedByStreams(List.of(ONE, TWO))).containsExactly(TWO);
        waits.pausedByStreams(Set.of(ONE));
        schemas.add(NewerEnvelopes.ENVELOPE);
        waits.goOnWhereLearned(0);
        assertThat(consumer.paused()).containsExactly(ONE);
        assertThat(waits.resumedByStreams(List.of(ONE))).containsExactly(ONE);
    }

    @Test
    void aPartitionThatStreamsSeeksIsReadFromThere() {
        poll();
        waits.soughtByStreams(ONE);
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void aPartitionThatLeftIsForgotten() {
        poll();
        consumer.assign(List.of(TWO));
        waits.goOnWhereLearned(0);
        assertThat(waits.resumedByStreams(List.of(ONE))).containsExactly(ONE);
    }

    @Test
    void whatNobodyCanEverReadIsNotWaitedFor() {
        byte[] garbage = {1, 2, 3};
        ConsumerRecords<byte[], byte[]> polled = new ConsumerRecords<>(
                Map.of(
                        ONE,
                        List.of(
                                new ConsumerRecord<>("inbound", 1, 0L, null, garbage),
                                new ConsumerRecord<>("inbound", 1, 1L, null, null))),
                Map.of());
        assertThat(waits.withoutUnlearned(polled, 0)).isSameAs(polled);
    }

    private ConsumerRecords<byte[], byte[]> poll() {
        waits.goOnWhereLearned(0);
        return waits.withoutUnlearned(consumer.poll(Duration.ZERO), 0);
    }

    private void write(TopicPartition partition, byte[]... values) {
        for (int i = 0; i < values.length; i++) {
            consumer.addRecord(new ConsumerRecord<>(partition.topic(), partition.partition(), i, null, values[i]));
        }
    }
}
