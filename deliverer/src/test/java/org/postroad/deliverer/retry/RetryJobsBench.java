package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.client.Counter;
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
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Topics;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;
import org.postroad.testkit.ManualClock;

/** One partition of waiting mail under jobs, turn by turn, on Kafka's mock clients, with time standing still. */
abstract class RetryJobsBench {
    static final TopicPartition FIVE = new TopicPartition("p.retry.5m", 0);

    final TopicPartition partition;
    private final Job.Action action;

    final ManualClock clock = new ManualClock();
    final KnownSchemas schemas = new KnownSchemas();
    final Codec<Envelope> codec = new Codec<>(Envelope.class, schemas);
    final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    final MockConsumer<byte[], byte[]> ahead = new MockConsumer<>("none");
    final MockConsumer<byte[], byte[]> scan = new MockConsumer<>("none");
    final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    final Topics topics =
            new Topics("p.", Topics.Size.STANDALONE, RetryConfig.DEFAULT.tiers(), RetryConfig.DEFAULT.lifetime());
    final RetryReader reader = RetryReaders.over(
            consumer,
            ahead,
            scan,
            limit -> producer,
            topics,
            schemas,
            Counter.build("released", "test").create(),
            clock,
            clock);
    final long start = clock.millis();
    final List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();
    int moved;

    /** Of a tier, which is flushed. */
    RetryJobsBench() {
        this(FIVE, Job.Action.FLUSH);
    }

    /** @param action of the jobs */
    RetryJobsBench(TopicPartition partition, Job.Action action) {
        this.partition = partition;
        this.action = action;
    }

    @BeforeEach
    void subscribe() {
        consumer.updateBeginningOffsets(Map.of(partition, 0L));
        scan.updateBeginningOffsets(Map.of(partition, 0L));
        consumer.subscribe(Pattern.compile("p\\.(retry\\..*|held)"), reader);
        consumer.rebalance(List.of(partition));
        consumer.seek(partition, 0);
        consumer.commitSync(Map.of(partition, new OffsetAndMetadata(0)));
        reader.turn();
    }

    /** What was written to this topic is there for the next job. */
    void readMoved() {
        List<ProducerRecord<byte[], byte[]>> again = producer.history().stream()
                .filter(record -> record.topic().equals(partition.topic()))
                .toList();
        for (ProducerRecord<byte[], byte[]> record : again.subList(moved, again.size())) {
            add(new String(record.key(), UTF_8), record.value());
        }
        moved = again.size();
    }

    /** The scan's consumer has what is in the log whenever it is assigned. What the mark has passed is deleted, as soon as it may be. */
    void turns() {
        for (int i = 0; i < 12; i++) {
            consumer.updateBeginningOffsets(Map.of(partition, committed().offset()));
            scan.updateEndOffsets(Map.of(partition, (long) log.size()));
            scan.schedulePollTask(() -> {
                long from = scan.assignment().isEmpty() ? log.size() : scan.position(partition);
                log.stream().filter(record -> record.offset() >= from).forEach(scan::addRecord);
            });
            reader.turn();
        }
    }

    Job job(int number, Map<String, String> words, long end) {
        return new Job(
                String.format("%012d", number), action, Selector.of(words), Map.of(partition, end), "", "", start);
    }

    Envelope mail(Recipient... recipients) {
        return Samples.envelope(Samples.queueId(0), start + 300_000, recipients);
    }

    void add(String destination, Recipient... recipients) {
        add(destination, codec.encode(mail(recipients)));
    }

    void add(String destination, byte[] value) {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                log.size(),
                start,
                TimestampType.LOG_APPEND_TIME,
                -1,
                value.length,
                destination.getBytes(UTF_8),
                value,
                new RecordHeaders(),
                Optional.empty());
        log.add(record);
        consumer.addRecord(record);
    }

    static Recipient recipient(String address) {
        return Samples.recipient(address);
    }

    static Recipient tried(String address, String reply) {
        return new Recipient(address, List.of(), null, 1, 0, Samples.reply(450, "4.2.0", reply));
    }

    /** Topic and recipient of every envelope written. */
    List<String> written() {
        return producer.history().stream()
                .filter(record -> !record.topic().equals("p.events"))
                .map(this::text)
                .toList();
    }

    String text(ProducerRecord<byte[], byte[]> record) {
        try {
            if (record.topic().equals("p.failed")) {
                Envelope failed = new Codec<>(Failure.class, schemas)
                        .decode(record.value())
                        .getEnvelope();
                return record.topic() + " " + failed.getRecipients().get(0).getAddress();
            }
            return record.topic() + " "
                    + codec.decodeWhatIsKnown(record.value())
                            .getRecipients()
                            .get(0)
                            .getAddress();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    List<String> told() {
        Pattern form =
                Pattern.compile("\"event\":\"([a-z]+)\".*\"recipients\":\\[\"([^\"]*)\"\\].*\"job\":\"([0-9A-Z]+)\"");
        List<String> told = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> record : producer.history()) {
            var said = form.matcher(new String(record.value(), UTF_8));
            if (record.topic().equals("p.events") && said.find()) {
                told.add(said.group(1) + " " + said.group(3) + " " + said.group(2));
            }
        }
        return told;
    }

    OffsetAndMetadata committed() {
        OffsetAndMetadata last = new OffsetAndMetadata(0);
        for (Map<String, Map<TopicPartition, OffsetAndMetadata>> groups : producer.consumerGroupOffsetsHistory()) {
            for (Map<TopicPartition, OffsetAndMetadata> offsets : groups.values()) {
                last = offsets.getOrDefault(partition, last);
            }
        }
        return last;
    }
}
