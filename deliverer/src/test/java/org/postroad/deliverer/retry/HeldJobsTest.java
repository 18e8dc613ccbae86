package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Topics;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;
import org.postroad.testkit.ManualClock;

/** Releases of one partition of held mail, turn by turn, on Kafka's mock clients, with time standing still. */
class HeldJobsTest {
    private static final TopicPartition HELD = new TopicPartition("p.held", 0);

    private final ManualClock clock = new ManualClock();
    private final KnownSchemas schemas = new KnownSchemas();
    private final Codec<Envelope> codec = new Codec<>(Envelope.class, schemas);
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final MockConsumer<byte[], byte[]> scan = new MockConsumer<>("none");
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Topics topics =
            new Topics("p.", Topics.Size.STANDALONE, RetryConfig.DEFAULT.tiers(), RetryConfig.DEFAULT.lifetime());
    private final MockConsumer<byte[], byte[]> early = new MockConsumer<>("none");
    private final RetryReader reader = RetryReaders.over(
            consumer,
            early,
            scan,
            limit -> producer,
            topics,
            schemas,
            Counter.build("released", "test").create(),
            clock,
            clock);
    private final long start = clock.millis();
    private final List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();
    private int moved;

    @BeforeEach
    void subscribe() {
        consumer.updateBeginningOffsets(Map.of(HELD, 0L));
        scan.updateBeginningOffsets(Map.of(HELD, 0L));
        consumer.subscribe(Pattern.compile("p\\.held"), reader);
        consumer.rebalance(List.of(HELD));
        consumer.seek(HELD, 0);
        consumer.commitSync(Map.of(HELD, new OffsetAndMetadata(0)));
        reader.turn();
    }

    @Test
    void whatIsMeantIsReleasedAndTheRestStaysWhateverTheTime() {
        add("b.test", Samples.tried("a@b.test", 3, 5));
        add("c.test", recipient("a@c.test"));
        add("b.test", recipient("b@b.test"));
        clock.advance(Duration.ofHours(3));
        turns();
        assertThat(written()).isEmpty();
        reader.heard(job(1, Map.of("destination", "b.test"), 3));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test", "p.again b@b.test");
        assertThat(told()).containsExactly("released 000000000001 a@b.test", "released 000000000001 b@b.test");
        assertThat(committed()).isEqualTo(new OffsetAndMetadata(1, "early1 1 :000000000001@3/2/2"));
        reader.heard(job(2, Map.of("all", "true"), 3));
        turns();
        assertThat(written()).hasSize(3);
        assertThat(committed().offset()).as("nothing is held").isEqualTo(3);
    }

    @Test
    void whatWentWrongBeforeCountsNoMoreAndAttemptsDo() throws Exception {
        add("b.test", Samples.tried("a@b.test", 3, 5));
        reader.heard(job(1, Map.of("all", "true"), 1));
        turns();
        Recipient freed =
                codec.decode(producer.history().get(0).value()).getRecipients().get(0);
        assertThat(freed.getFaults()).isZero();
        assertThat(freed.getAttempts()).isEqualTo(3);
    }

    @Test
    void whoeverOfAMessageIsNotMeantIsHeldOn() {
        add("b.test", tried("full@b.test", "mailbox full"), tried("slow@b.test", "slow down"));
        reader.heard(job(1, Map.of("reply", "full"), 1));
        turns();
        assertThat(written()).containsExactly("p.again full@b.test", "p.held slow@b.test");
    }

    /** Whether it is heard of before the partition is assigned or later. */
    @Test
    void aDestinationThatRecoversReleasesNothing() {
        add("b.test", Samples.tried("a@b.test", 3, 5));
        early.updateBeginningOffsets(Map.of(HELD, 0L));
        early.updateEndOffsets(Map.of(HELD, 1L));
        early.schedulePollTask(() -> {
            if (!early.assignment().isEmpty()) {
                log.forEach(early::addRecord);
            }
        });
        reader.recovered(new RecoveryNotice("b.test", start + 1, start + 1, 0, 1_000));
        turns();
        assertThat(written()).isEmpty();
        reader.onPartitionsLost(List.of(HELD));
        reader.onPartitionsAssigned(List.of(HELD));
        turns();
        assertThat(written()).isEmpty();
        assertThat(committed().offset()).isZero();
        assertThat(early.assignment()).as("held mail is not looked through").isEmpty();
    }

    @Test
    void aJobWithARateTakesNoMoreInASecondAndLetsOthersPass() {
        for (int i = 0; i < 4; i++) {
            add("b.test", recipient("r" + i + "@b.test"));
        }
        add("c.test", recipient("a@c.test"));
        reader.heard(job(1, Map.of("destination", "b.test"), 5).at(5));
        turns();
        assertThat(written()).containsExactly("p.again r0@b.test");
        reader.heard(job(2, Map.of("destination", "c.test"), 5));
        turns();
        assertThat(written()).containsExactly("p.again r0@b.test", "p.again a@c.test");
        clock.advance(Duration.ofMillis(199));
        turns();
        assertThat(written()).hasSize(2);
        clock.advance(Duration.ofMillis(1));
        turns();
        assertThat(written()).hasSize(3).contains("p.again r1@b.test");
        clock.advance(Duration.ofHours(1));
        turns();
        assertThat(written())
                .as("what was not taken in time is not made up for")
                .hasSize(4);
        clock.advance(Duration.ofMillis(200));
        turns();
        assertThat(told()).hasSize(5);
        clock.advance(Duration.ofMillis(200));
        turns();
        assertThat(committed().offset()).as("nothing is held").isEqualTo(5);
    }

    /** The first that is held is never released, and yet there is room for any number of jobs, and the rest stays. */
    @Test
    void anyNumberOfReleasesFindRoom() {
        int many = 3 * JobShares.MOST;
        add("stays.test", recipient("a@stays.test"));
        for (int i = 0; i < many; i++) {
            add("d" + i + ".test", recipient("a@d" + i + ".test"));
        }
        for (int i = 0; i < many; i++) {
            readMoved();
            reader.heard(job(i, Map.of("destination", "d" + i + ".test"), log.size()));
            turns();
        }
        List<String> freed =
                written().stream().filter(one -> one.startsWith("p.again")).toList();
        assertThat(freed).hasSize(many).doesNotHaveDuplicates();
        assertThat(told()).hasSize(many);
        assertThat(written())
                .as("moved by the job that takes the last room, and by no other")
                .filteredOn("p.held a@stays.test"::equals)
                .hasSize(many / JobShares.MOST);
    }

    /** What was written to held mail is there for the next job. */
    private void readMoved() {
        List<ProducerRecord<byte[], byte[]>> held = producer.history().stream()
                .filter(record -> record.topic().equals("p.held"))
                .toList();
        for (ProducerRecord<byte[], byte[]> record : held.subList(moved, held.size())) {
            add(new String(record.key(), UTF_8), record.value());
        }
        moved = held.size();
    }

    /** The scan's consumer has what is in the log whenever it is assigned. */
    private void turns() {
        for (int i = 0; i < 12; i++) {
            scan.updateEndOffsets(Map.of(HELD, (long) log.size()));
            scan.schedulePollTask(() -> {
                long from = scan.assignment().isEmpty() ? log.size() : scan.position(HELD);
                log.stream().filter(record -> record.offset() >= from).forEach(scan::addRecord);
            });
            reader.turn();
        }
    }

    private Job job(int number, Map<String, String> words, long end) {
        return new Job(
                String.format("%012d", number),
                Job.Action.RELEASE,
                Selector.of(words),
                Map.of(HELD, end),
                "",
                "",
                start);
    }

    private Envelope mail(Recipient... recipients) {
        return Samples.envelope(Samples.queueId(0), start + 300_000, recipients);
    }

    private void add(String destination, Recipient... recipients) {
        add(destination, codec.encode(mail(recipients)));
    }

    private void add(String destination, byte[] value) {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                HELD.topic(),
                HELD.partition(),
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
    }

    private static Recipient recipient(String address) {
        return Samples.recipient(address);
    }

    private static Recipient tried(String address, String reply) {
        return new Recipient(address, List.of(), null, 1, 0, Samples.reply(450, "4.2.0", reply));
    }

    /** Topic and recipient of every envelope written. */
    private List<String> written() {
        return producer.history().stream()
                .filter(record -> !record.topic().equals("p.events"))
                .map(this::text)
                .toList();
    }

    private String text(ProducerRecord<byte[], byte[]> record) {
        try {
            return record.topic() + " "
                    + codec.decodeWhatIsKnown(record.value())
                            .getRecipients()
                            .get(0)
                            .getAddress();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private List<String> told() {
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

    private OffsetAndMetadata committed() {
        OffsetAndMetadata last = new OffsetAndMetadata(0);
        for (Map<String, Map<TopicPartition, OffsetAndMetadata>> groups : producer.consumerGroupOffsetsHistory()) {
            for (Map<TopicPartition, OffsetAndMetadata> offsets : groups.values()) {
                last = offsets.getOrDefault(HELD, last);
            }
        }
        return last;
    }
}
