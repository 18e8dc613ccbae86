package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.client.Counter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.commit.MissingOffsetException;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.FutureRelease;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Topics;
import org.postroad.testkit.ManualClock;
import org.postroad.testkit.NewerNode;

/** The retry reader turn by turn, on Kafka's mock clients, with time standing still. */
class RetryReaderTest {
    private static final int PORTION = 1_000;
    private static final TopicPartition MINUTE = new TopicPartition("p.retry.1m", 0);
    private static final TopicPartition FIVE = new TopicPartition("p.retry.5m", 0);

    private final ManualClock clock = new ManualClock();
    private final KnownSchemas schemas = new KnownSchemas();
    private final Codec<Envelope> codec = new Codec<>(Envelope.class, schemas);
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final MockConsumer<byte[], byte[]> ahead = new MockConsumer<>("none");
    private final MockConsumer<byte[], byte[]> forJobs = new MockConsumer<>("none");
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Topics topics =
            new Topics("p.", Topics.Size.STANDALONE, RetryConfig.DEFAULT.tiers(), RetryConfig.DEFAULT.lifetime());
    private final Counter released = Counter.build("released", "test").create();
    private final RetryReader reader =
            RetryReaders.over(consumer, ahead, forJobs, limit -> producer, topics, schemas, released, clock, clock);
    private final long start = clock.millis();

    @BeforeEach
    void subscribe() {
        consumer.updateBeginningOffsets(Map.of(MINUTE, 0L, FIVE, 0L));
        consumer.subscribe(Pattern.compile("p\\.retry\\..*"), reader);
        own(MINUTE, FIVE);
        turn(); // learns what the group has committed
    }

    @Test
    void mailLeavesWhenItIsDueAndNotBefore() {
        add(MINUTE, 0, start, start + 60_000);
        turn();
        assertThat(consumer.paused()).containsExactly(MINUTE);
        clock.advance(Duration.ofMillis(59_999));
        turn();
        assertThat(written()).isEmpty();
        clock.advance(Duration.ofMillis(1));
        turn();
        assertThat(written()).containsExactly("p.again 0");
        assertThat(mark(MINUTE)).isEqualTo(1);
        assertThat(consumer.paused()).isEmpty();
        assertThat(released.get()).isEqualTo(1);
    }

    @Test
    void aPollEndsWhenTheNextHeadIsDue() {
        add(MINUTE, 0, start, start + 60_000);
        turn();
        clock.advance(Duration.ofMillis(59_960));
        turn();
        assertThat(consumer.lastPollTimeout()).isEqualTo(Duration.ofMillis(40));
    }

    @Test
    void mailThatIsNotDueYetHopsOn() {
        add(FIVE, 0, start, start + 900_000);
        clock.advance(Duration.ofMinutes(5));
        turn();
        assertThat(written()).containsExactly("p.retry.5m 0");
        assertThat(released.get()).isZero();
    }

    @Test
    void oneTierDoesNotWaitForAnother() {
        add(FIVE, 0, start, start + 300_000);
        add(MINUTE, 1, start, start + 60_000);
        add(MINUTE, 2, start + 10_000, start + 70_000);
        clock.advance(Duration.ofSeconds(65));
        turn();
        assertThat(written()).containsExactly("p.again 1");
        assertThat(mark(MINUTE)).isEqualTo(2);
        clock.advance(Duration.ofSeconds(5));
        turn();
        assertThat(written()).containsExactly("p.again 1", "p.again 2");
    }

    @Test
    void whatCannotBeReadIsRejectedAndTheRestLeaves() {
        consumer.addRecord(record(MINUTE, 0, start, "not Avro".getBytes(UTF_8)));
        add(MINUTE, 1, start, start);
        clock.advance(Duration.ofMinutes(1));
        turn();
        assertThat(producer.history())
                .extracting(ProducerRecord::topic)
                .containsExactly("p.rejects", "p.events", "p.again");
        assertThat(mark(MINUTE)).isEqualTo(2);
    }

    @Test
    void whatWasReadOfALostPartitionIsForgotten() {
        add(MINUTE, 0, start, start + 60_000);
        turn();
        reader.onPartitionsLost(List.of(MINUTE));
        clock.advance(Duration.ofMinutes(2));
        turn();
        assertThat(written()).isEmpty();
    }

    @Test
    void aReleaseWhoseCommitTimesOutIsRepeatedNotWrittenTwice() {
        add(MINUTE, 0, start, start);
        clock.advance(Duration.ofMinutes(1));
        producer.commitTransactionException = new TimeoutException("slow");
        turn();
        assertThat(written()).isEmpty();
        producer.commitTransactionException = null;
        turn();
        turn();
        assertThat(written()).containsExactly("p.again 0");
    }

    @Test
    void mailOfADestinationThatRecoveredLeavesBeforeItIsDueAndNotAgainAtTheHead() {
        add(FIVE, 0, start, start + 300_000);
        add(FIVE, 1, start, start + 300_000);
        turn();
        ahead.updateBeginningOffsets(Map.of(FIVE, 0L, MINUTE, 0L));
        ahead.updateEndOffsets(Map.of(FIVE, 2L, MINUTE, 0L));
        reader.recovered(new RecoveryNotice("b.test", start + 1, start + 1, 0, PORTION));
        ahead.schedulePollTask(() -> addAhead(FIVE, 0, start));
        ahead.schedulePollTask(() -> addAhead(FIVE, 1, start));
        for (int i = 0; i < 6; i++) {
            turn();
        }
        assertThat(written()).containsExactly("p.again 0", "p.again 1");
        assertThat(released.get()).isEqualTo(2);
        assertThat(mark(FIVE)).isEqualTo(2);
        clock.advance(Duration.ofMinutes(6));
        turn();
        assertThat(written()).hasSize(2);
    }

    @Test
    void aSuccessorDoesNotReleaseAgainWhatHasLeftBehindTheMark() {
        String left = "early1 0 b.test@2";
        reader.onPartitionsLost(List.of(FIVE));
        consumer.commitSync(Map.of(FIVE, new OffsetAndMetadata(0, left)));
        reader.onPartitionsAssigned(List.of(FIVE));
        turn();
        add(FIVE, 1, start, start + 300_000);
        add(FIVE, 2, start, start + 300_000);
        clock.advance(Duration.ofMinutes(5));
        turn();
        assertThat(written()).containsExactly("p.again 2");
        assertThat(mark(FIVE)).isEqualTo(3);
    }

    @Test
    void aHopOnTheWayIsTheLastOneWhereTheDestinationHasRecovered() {
        add(FIVE, 0, start, start + 900_000);
        turn();
        reader.recovered(new RecoveryNotice("b.test", start + 1, start + 1, 0, PORTION));
        ahead.updateEndOffsets(Map.of(FIVE, 0L, MINUTE, 0L));
        ahead.updateBeginningOffsets(Map.of(FIVE, 0L, MINUTE, 0L));
        clock.advance(Duration.ofMinutes(5));
        turn();
        assertThat(written()).containsExactly("p.again 0");
    }

    /** Whoever asked for it to be sent later did not ask for later or sooner. */
    @Test
    void mailThatMayNotBeSentYetStaysThoughItsDestinationHasRecovered() {
        Envelope held = Envelope.newBuilder(
                        Samples.envelope(Samples.queueId(0), start + 900_000, Samples.recipient("a@b.test")))
                .setRequires(FutureRelease.required())
                .build();
        consumer.addRecord(record(FIVE, 0, start, codec.encode(held)));
        turn();
        reader.recovered(new RecoveryNotice("b.test", start + 1, start + 1, 0, PORTION));
        ahead.updateEndOffsets(Map.of(FIVE, 0L, MINUTE, 0L));
        ahead.updateBeginningOffsets(Map.of(FIVE, 0L, MINUTE, 0L));
        clock.advance(Duration.ofMinutes(5));
        turn();
        assertThat(written()).containsExactly("p.retry.5m 0");
    }

    @Test
    void mailOfANewerNodeLeavesWhenItIsDueAsItIs() {
        NewerNode newer = new NewerNode(Envelope.SCHEMA$);
        schemas.add(newer.schema());
        byte[] octets = newer.withSymbol(
                codec.encode(Samples.envelope(Samples.queueId(0), start + 360_000, Samples.recipient("a@b.test"))),
                "body");
        consumer.addRecord(record(FIVE, 0, start, octets));
        clock.advance(Duration.ofMinutes(5));
        turn();
        consumer.addRecord(record(MINUTE, 0, start + 300_000, octets));
        clock.advance(Duration.ofMinutes(1));
        turn();
        turn();
        assertThat(producer.history()).extracting(ProducerRecord::topic).containsExactly("p.retry.1m", "p.again");
        assertThat(producer.history())
                .allSatisfy(record -> assertThat(record.value()).isEqualTo(octets));
    }

    @Test
    void aDeliveryThatWasPutOffLeavesAtTheEndOfItsTierAsItIs() {
        NewerNode newer = new NewerNode(Delivery.SCHEMA$);
        schemas.add(newer.schema());
        Codec<Delivery> deliveries = new Codec<>(Delivery.class, schemas);
        byte[] octets = newer.withSymbol(
                deliveries.encode(
                        Samples.delivery(Samples.envelope(Samples.queueId(0), Samples.recipient("a@b.test")))),
                "route.kind");
        consumer.addRecord(record(MINUTE, 0, start, octets));
        turn();
        assertThat(producer.history()).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        turn();
        assertThat(producer.history()).singleElement().satisfies(record -> {
            assertThat(record.topic()).isEqualTo("p.again");
            assertThat(record.value()).isEqualTo(octets);
        });
    }

    private void addAhead(TopicPartition partition, long offset, long writtenMillis) {
        byte[] value =
                codec.encode(Samples.envelope(Samples.queueId(offset), start + 300_000, Samples.recipient("a@b.test")));
        ahead.addRecord(record(partition, offset, writtenMillis, value));
    }

    @Test
    void aTierMadeWhileReadersRunStartsAtItsBegin() {
        TopicPartition hour = new TopicPartition("p.retry.1h", 0);
        consumer.updateEndOffsets(Map.of(hour, 0L));
        consumer.rebalance(List.of(MINUTE, FIVE, hour));
        turn();
        assertThat(mark(hour)).as("so that the next owner knows where to start").isZero();
        add(hour, 0, start, start);
        clock.advance(Duration.ofHours(1));
        turn();
        assertThat(written()).containsExactly("p.again 0");
        assertThat(mark(hour)).isEqualTo(1);
    }

    @Test
    void aUsedTierWithoutOffsetStopsTheReader() {
        TopicPartition hour = new TopicPartition("p.retry.1h", 0);
        consumer.updateEndOffsets(Map.of(hour, 7L));
        consumer.rebalance(List.of(MINUTE, FIVE, hour));
        assertThatThrownBy(this::turn)
                .isInstanceOf(MissingOffsetException.class)
                .hasMessageContaining("p.retry.1h-0");
        assertThat(mark(hour)).isEqualTo(-1);
    }

    @Test
    void heldMailWithoutAnOffsetStopsNobody() {
        TopicPartition unused = new TopicPartition("p.held", 0);
        TopicPartition used = new TopicPartition("p.held", 1);
        TopicPartition hour = new TopicPartition("p.retry.1h", 0);
        consumer.subscribe(TierName.every(topics), reader); // the mock forgets what was committed
        consumer.commitSync(Map.of(MINUTE, new OffsetAndMetadata(0), FIVE, new OffsetAndMetadata(0)));
        consumer.updateEndOffsets(Map.of(unused, 0L, used, 7L, hour, 0L));
        consumer.rebalance(List.of(MINUTE, FIVE, unused, used, hour));
        consumer.seek(MINUTE, 0);
        consumer.seek(FIVE, 0);
        turn();
        add(MINUTE, 0, start, start + 60_000);
        add(hour, 1, start, start);
        clock.advance(Duration.ofHours(1));
        for (int i = 0; i < 5; i++) {
            turn(); // the mock tells of one partition at a time
        }
        assertThat(written()).containsExactlyInAnyOrder("p.again 0", "p.again 1");
        assertThat(mark(unused)).as("so that what is held can be released").isZero();
        assertThat(mark(used)).as("nobody knows what was released").isEqualTo(-1);
        assertThat(consumer.paused()).contains(unused, used);
    }

    @Test
    void theNameOfATopicTellsItsDelay() {
        assertThat(delay("p.retry.30s")).contains(Duration.ofSeconds(30));
        assertThat(delay("p.retry.5m")).contains(Duration.ofMinutes(5));
        assertThat(delay("p.retry.4h")).contains(Duration.ofHours(4));
        assertThat(delay("p.retry.2d")).contains(Duration.ofDays(2));
        for (String foreign :
                new String[] {"p.retry.", "p.retry.s", "p.retry.5", "p.retry.5w", "p.held", "q.retry.5m"}) {
            assertThat(delay(foreign)).as(foreign).isEmpty();
        }
        assertThat(TierName.every(topics).matcher("p.retry.30s").matches()).isTrue();
        assertThat(TierName.every(topics).matcher("p.held").matches()).isTrue();
        assertThat(TierName.every(topics).matcher("pxretry.30s").matches()).isFalse();
    }

    private Optional<Duration> delay(String topic) {
        return Optional.ofNullable(TierName.delay(topics, new TopicPartition(topic, 0)));
    }

    private void own(TopicPartition... partitions) {
        consumer.rebalance(List.of(partitions));
        for (TopicPartition partition : partitions) {
            consumer.seek(partition, 0);
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(0)));
        }
    }

    private void add(TopicPartition partition, long offset, long writtenMillis, long dueMillis) {
        byte[] value =
                codec.encode(Samples.envelope(Samples.queueId(offset), dueMillis, Samples.recipient("a@b.test")));
        consumer.addRecord(record(partition, offset, writtenMillis, value));
    }

    private static ConsumerRecord<byte[], byte[]> record(
            TopicPartition partition, long offset, long writtenMillis, byte[] value) {
        return new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                offset,
                writtenMillis,
                TimestampType.LOG_APPEND_TIME,
                -1,
                value.length,
                "b.test".getBytes(UTF_8),
                value,
                new RecordHeaders(),
                Optional.empty());
    }

    private void turn() {
        reader.turn();
    }

    /** Topic and number of every envelope written. */
    private List<String> written() {
        List<String> written = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> record : producer.history()) {
            try {
                String queueId = codec.decode(record.value()).getQueueId();
                written.add(record.topic() + " " + Long.parseLong(queueId.substring(4)));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        return written;
    }

    private long mark(TopicPartition partition) {
        return producer.consumerGroupOffsetsHistory().stream()
                .flatMap(groups -> groups.values().stream())
                .map(offsets -> offsets.get(partition))
                .filter(offset -> offset != null)
                .mapToLong(OffsetAndMetadata::offset)
                .max()
                .orElse(-1);
    }
}
