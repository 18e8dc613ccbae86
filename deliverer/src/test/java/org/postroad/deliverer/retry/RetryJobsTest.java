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
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FutureRelease;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Topics;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;
import org.postroad.testkit.ManualClock;
import org.postroad.testkit.NewerNode;

/** Jobs over one partition of waiting mail, turn by turn, on Kafka's mock clients, with time standing still. */
class RetryJobsTest {
    private static final TopicPartition FIVE = new TopicPartition("p.retry.5m", 0);

    private final ManualClock clock = new ManualClock();
    private final KnownSchemas schemas = new KnownSchemas();
    private final Codec<Envelope> codec = new Codec<>(Envelope.class, schemas);
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final MockConsumer<byte[], byte[]> scan = new MockConsumer<>("none");
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Topics topics =
            new Topics("p.", Topics.Size.STANDALONE, RetryConfig.DEFAULT.tiers(), RetryConfig.DEFAULT.lifetime());
    private final RetryReader reader = RetryReaders.over(
            consumer,
            new MockConsumer<>("none"),
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
        consumer.updateBeginningOffsets(Map.of(FIVE, 0L));
        scan.updateBeginningOffsets(Map.of(FIVE, 0L));
        consumer.subscribe(Pattern.compile("p\\.retry\\..*"), reader);
        consumer.rebalance(List.of(FIVE));
        consumer.seek(FIVE, 0);
        consumer.commitSync(Map.of(FIVE, new OffsetAndMetadata(0)));
        reader.turn();
    }

    @Test
    void whatIsMeantLeavesOnceAndWhatCameLaterWaits() {
        add("b.test", recipient("a@b.test"));
        add("c.test", recipient("a@c.test"));
        add("b.test", recipient("b@b.test"));
        add("b.test", recipient("late@b.test"));
        reader.heard(job(1, Map.of("destination", "b.test"), 3));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test", "p.again b@b.test");
        assertThat(told()).containsExactly("released 000000000001 a@b.test", "released 000000000001 b@b.test");
        assertThat(committed()).isEqualTo(new OffsetAndMetadata(1, "early1 1 :000000000001@3/2/2"));
        reader.heard(job(2, Map.of("destination", "b.test"), 3));
        turns();
        assertThat(written()).as("said twice").hasSize(2);
        clock.advance(Duration.ofMinutes(5));
        turns();
        assertThat(written())
                .containsExactly("p.again a@b.test", "p.again b@b.test", "p.again a@c.test", "p.again late@b.test");
        assertThat(committed().offset()).isEqualTo(4);
    }

    @Test
    void ofTwoJobsOverTheSameMailTheFirstHasIt() {
        add("b.test", recipient("a@b.test"));
        add("c.test", recipient("a@c.test"));
        reader.heard(job(2, Map.of("all", "true"), 2));
        reader.heard(job(1, Map.of("destination", "c.test"), 2));
        turns();
        assertThat(told())
                .containsExactlyInAnyOrder("released 000000000001 a@c.test", "released 000000000002 a@b.test");
        assertThat(committed().offset()).as("nothing waits").isEqualTo(2);
    }

    @Test
    void whoeverOfAMessageIsNotMeantWaitsOnBehindTheEndOfTheJob() {
        add("b.test", tried("full@b.test", "mailbox full"), tried("slow@b.test", "slow down"));
        reader.heard(job(1, Map.of("reply", "full"), 1));
        turns();
        assertThat(written()).containsExactly("p.again full@b.test", "p.retry.5m slow@b.test");
        assertThat(told()).containsExactly("released 000000000001 full@b.test");
    }

    @Test
    void aSuccessorGoesOnWhereTheLastOwnerCameTo() {
        for (int i = 0; i < 6; i++) {
            add("b.test", recipient("r" + i + "@b.test"));
        }
        add("c.test", recipient("a@c.test"));
        reader.onPartitionsLost(List.of(FIVE));
        consumer.commitSync(Map.of(FIVE, new OffsetAndMetadata(1, "early1 1 :000000000001@4/3/3")));
        reader.heard(job(1, Map.of("destination", "b.test"), 7));
        reader.onPartitionsAssigned(List.of(FIVE));
        consumer.seek(FIVE, 1);
        turns();
        assertThat(written()).containsExactly("p.again r4@b.test", "p.again r5@b.test");
        assertThat(committed().metadata()).contains(":000000000001@7/5/5");
    }

    @Test
    void nothingLeavesBeforeItIsKnownWhatAJobTook() {
        add("b.test", recipient("a@b.test"));
        add("c.test", recipient("a@c.test"));
        reader.onPartitionsLost(List.of(FIVE));
        consumer.commitSync(Map.of(FIVE, new OffsetAndMetadata(0, "early1 0 :000000000001@2/1/1")));
        reader.onPartitionsAssigned(List.of(FIVE));
        clock.advance(Duration.ofMinutes(5));
        turns();
        assertThat(written()).isEmpty();
        reader.heard(job(1, Map.of("destination", "b.test"), 2));
        turns();
        assertThat(written()).containsExactly("p.again a@c.test");
    }

    @Test
    void aSchemaThatIsNotKnownYetIsWaitedFor() {
        NewerNode newer = new NewerNode(Envelope.SCHEMA$);
        byte[] octets = newer.withSymbol(codec.encode(mail(recipient("new@b.test"))), "body");
        add("b.test", recipient("a@b.test"));
        add("b.test", octets);
        add("b.test", recipient("c@b.test"));
        reader.heard(job(1, Map.of("all", "true"), 3));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test");
        assertThat(committed().metadata()).contains(":000000000001@1/1/1");
        schemas.add(newer.schema());
        clock.advance(Duration.ofSeconds(5));
        turns();
        assertThat(committed().metadata()).contains(":000000000001@3/3/3");
    }

    @Test
    void aJobThatStandsAtASchemaStopsNoOther() {
        NewerNode newer = new NewerNode(Envelope.SCHEMA$);
        add("b.test", recipient("a@b.test"));
        add("c.test", recipient("a@c.test"));
        add("b.test", newer.withSymbol(codec.encode(mail(recipient("new@b.test"))), "body"));
        add("d.test", recipient("a@d.test"));
        reader.heard(job(1, Map.of("destination", "b.test"), 3));
        reader.heard(job(2, Map.of("destination", "c.test"), 2));
        reader.heard(job(3, Map.of("destination", "d.test"), 4));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test", "p.again a@c.test");
        schemas.add(newer.schema());
        clock.advance(Duration.ofSeconds(5));
        turns();
        assertThat(written())
                .containsExactly("p.again a@b.test", "p.again a@c.test", "p.again new@b.test", "p.again a@d.test");
    }

    @Test
    void mailOnItsWayToAnotherTierDoesNotSlipThrough() {
        add("b.test", codec.encode(Samples.envelope(Samples.queueId(0), start + 900_000, recipient("a@b.test"))));
        turns();
        clock.advance(Duration.ofMinutes(5));
        scan.updateEndOffsets(Map.of()); // no answer: the scan has not begun
        reader.heard(job(1, Map.of("all", "true"), 1));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test");
        assertThat(committed().metadata()).contains("/1/1");
    }

    /** RFC 4865: neither by the scan nor on its way to another tier. */
    @Test
    void whatItsSenderWantsLaterKeepsItsTime() {
        Envelope later = Envelope.newBuilder(
                        Samples.envelope(Samples.queueId(0), start + 900_000, recipient("later@b.test")))
                .setRequires(FutureRelease.required())
                .build();
        add("b.test", codec.encode(later));
        add("b.test", recipient("now@b.test"));
        reader.heard(job(1, Map.of("all", "true"), 2));
        turns();
        assertThat(written()).containsExactly("p.again now@b.test");
        assertThat(committed().metadata()).contains(":000000000001@2/1/1");
        clock.advance(Duration.ofMinutes(5));
        reader.heard(job(2, Map.of("all", "true"), 2));
        turns();
        assertThat(written()).containsExactly("p.again now@b.test", "p.retry.5m later@b.test");
    }

    @Test
    void whatIsDueBeforeAJobHasComeToItIsGivenUpAllTheSame() {
        add("b.test", recipient("a@b.test"));
        turns();
        clock.advance(Duration.ofMinutes(5));
        scan.updateEndOffsets(Map.of()); // no answer: the scan has not begun
        Job job = new Job(
                "000000000001", Job.Action.DROP, Selector.of(Map.of("all", "true")), Map.of(FIVE, 1L), "", "", start);
        reader.heard(job);
        turns();
        assertThat(told()).containsExactly("dropped 000000000001 a@b.test");
        assertThat(written()).containsExactly("p.failed a@b.test");
    }

    /** The last but one that has room is at its beginning when a head leaves, which is asked of all. */
    @Test
    void aJobThatHasBegunKeepsItsPlaceHoweverManyWait() {
        long later = start + 302_000; // than the head
        add("x.test", recipient("a@x.test"));
        add("stays.test", codec.encode(Samples.envelope(Samples.queueId(0), later, recipient("a@stays.test"))));
        add("d50.test", codec.encode(Samples.envelope(Samples.queueId(0), later, recipient("a@d50.test"))));
        reader.onPartitionsLost(List.of(FIVE));
        StringBuilder words = new StringBuilder("early1 0");
        for (int i = 1; i <= JobShares.MOST - 2; i++) {
            Job done = job(i, Map.of("destination", "d" + i + ".test"), 100);
            words.append(" :").append(done.id()).append("@100/0/0");
            reader.heard(done);
        }
        consumer.commitSync(Map.of(FIVE, new OffsetAndMetadata(0, words.toString())));
        reader.onPartitionsAssigned(List.of(FIVE));
        consumer.seek(FIVE, 0);
        scan.updateEndOffsets(Map.of(FIVE, 3L));
        reader.turn();
        reader.turn();
        clock.advance(Duration.ofMinutes(5));
        for (int i = 50; i < 56; i++) {
            reader.heard(job(i, Map.of("destination", "d" + i + ".test"), 3));
        }
        reader.turn(); // the scan has found nothing yet
        assertThat(written()).containsExactly("p.again a@x.test");
        turns();
        clock.advance(Duration.ofMinutes(5));
        turns();
        assertThat(written()).containsExactly("p.again a@x.test", "p.again a@d50.test", "p.retry.30s a@stays.test");
    }

    /** One mail waits on for hours, and yet there is room for any number of jobs. */
    @Test
    void anyNumberOfJobsFindRoom() {
        int many = 3 * JobShares.MOST;
        consumer.setMaxPollRecords(1); // the reader is at the head, and not where the mark goes
        add(
                "stays.test",
                codec.encode(Samples.envelope(Samples.queueId(0), start + 7_200_000, recipient("a@stays.test"))));
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
        assertThat(written()).contains("p.retry.1h a@stays.test").hasSizeLessThan(many * 3);
        int before = written().size();
        clock.advance(Duration.ofMinutes(4));
        turns();
        assertThat(written())
                .as("what is behind the mark is not looked at again")
                .hasSize(before);
    }

    @Test
    void aJobThatIsTakenBackIsNotBegun() {
        add("b.test", recipient("a@b.test"));
        reader.heard(job(1, Map.of("all", "true"), 1));
        reader.takenBack("limit:000000000001");
        reader.heard(job(2, Map.of("destination", "c.test"), 1));
        reader.takenBack("job:000000000001");
        turns();
        assertThat(written()).isEmpty();
        assertThat(committed().metadata()).isEqualTo("early1 0 :000000000002@1/0/0");
    }

    @Test
    void whatIsLeftOfACancelledJobStaysUndoneAndWhatIsDoneStaysSo() {
        add("b.test", recipient("a@b.test"));
        add("c.test", recipient("a@c.test"));
        add("b.test", recipient("b@b.test"));
        Job job = job(1, Map.of("destination", "b.test"), 2);
        reader.heard(job);
        turns();
        assertThat(written()).containsExactly("p.again a@b.test");
        Job longer = job(1, Map.of("destination", "b.test"), 3); // as if it had not come so far yet
        reader.heard(longer.cancelled());
        turns();
        clock.advance(Duration.ofMinutes(5));
        turns();
        assertThat(written()).containsExactly("p.again a@b.test", "p.again a@c.test", "p.again b@b.test");
        assertThat(told()).containsExactly("released 000000000001 a@b.test");
    }

    @Test
    void aJobOfYesterdayIsNotBegun() {
        add("b.test", recipient("a@b.test"));
        Job job = job(1, Map.of("all", "true"), 1);
        clock.advance(Duration.ofMinutes(1));
        reader.heard(new Job(
                job.id(),
                job.action(),
                job.selector(),
                job.ends(),
                "",
                "",
                start + 60_000 - JobScan.EXECUTED_WITHIN.toMillis()));
        turns();
        assertThat(written()).isEmpty();
    }

    /** What was written to this tier is there for the next job. */
    private void readMoved() {
        List<ProducerRecord<byte[], byte[]>> again = producer.history().stream()
                .filter(record -> record.topic().equals(FIVE.topic()))
                .toList();
        for (ProducerRecord<byte[], byte[]> record : again.subList(moved, again.size())) {
            add(new String(record.key(), UTF_8), record.value());
        }
        moved = again.size();
    }

    /** The scan's consumer has what is in the log whenever it is assigned. What the mark has passed is deleted, as soon as it may be. */
    private void turns() {
        for (int i = 0; i < 12; i++) {
            consumer.updateBeginningOffsets(Map.of(FIVE, committed().offset()));
            scan.updateEndOffsets(Map.of(FIVE, (long) log.size()));
            scan.schedulePollTask(() -> {
                long from = scan.assignment().isEmpty() ? log.size() : scan.position(FIVE);
                log.stream().filter(record -> record.offset() >= from).forEach(scan::addRecord);
            });
            reader.turn();
        }
    }

    private Job job(int number, Map<String, String> words, long end) {
        return new Job(
                String.format("%012d", number), Job.Action.FLUSH, Selector.of(words), Map.of(FIVE, end), "", "", start);
    }

    private Envelope mail(Recipient... recipients) {
        return Samples.envelope(Samples.queueId(0), start + 300_000, recipients);
    }

    private void add(String destination, Recipient... recipients) {
        add(destination, codec.encode(mail(recipients)));
    }

    private void add(String destination, byte[] value) {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                FIVE.topic(),
                FIVE.partition(),
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
                last = offsets.getOrDefault(FIVE, last);
            }
        }
        return last;
    }
}
