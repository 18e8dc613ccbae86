package org.postroad.ingress.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.ingress.quota.UsedQuotas.Judged;
import org.postroad.ingress.quota.UsedQuotas.Verdict;
import org.postroad.schemas.Codec;
import org.postroad.schemas.FollowedRecords;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.QuotaBalance;
import org.postroad.schemas.QuotaClaim;
import org.postroad.schemas.QuotaCount;
import org.postroad.schemas.QuotaEntry;
import org.postroad.schemas.QuotaUse;
import org.postroad.schemas.TopicAdmin;
import org.postroad.schemas.Topics;

/** Readers of a real topic: what one has balanced another begins with. */
@Tag("broker")
class QuotaReaderTest {
    private static EmbeddedBroker broker;
    private static int tests;

    private Codec<QuotaEntry> codec = new Codec<>(QuotaEntry.class, new KnownSchemas());
    private final BlockingQueue<Judged> judged = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> balanced = new LinkedBlockingQueue<>();
    private KafkaSettings kafka;
    private TopicPartition partition;
    private KafkaProducer<byte[], byte[]> producer;

    @BeforeAll
    static void startBroker(@TempDir Path directory) throws Exception {
        broker = EmbeddedBroker.start(directory, 0);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void start() {
        String prefix = "test" + ++tests + ".";
        Topics topics = new Topics(prefix, Topics.Size.STANDALONE, List.of(Duration.ofMinutes(1)), Duration.ofDays(5));
        kafka = new KafkaSettings(broker.bootstrapServers(), prefix, Map.of(), false);
        partition = new TopicPartition(topics.quotas().name(), 0);
        try (TopicAdmin admin = new TopicAdmin(kafka, topics)) {
            admin.create();
        }
        producer = new KafkaProducer<>(kafka.producer("test"));
    }

    @AfterEach
    void stop() {
        producer.close(Duration.ZERO);
    }

    @Test
    void aStartNeedsNoMoreThanWhatCameSinceTheLastBalance() throws Exception {
        try (Following first = follow("first", 50)) {
            for (int i = 0; i < 99; i++) {
                claim("other", "user " + i % 10, 11);
            }
            claim("first", "user 9", 11);
            assertThat(answer()).isEqualTo(Verdict.GRANTED);
            Long upTo = balanced.poll(60, TimeUnit.SECONDS);
            assertThat(upTo).isNotNull().isPositive();
            claim("first", "user 9", 11);
            assertThat(answer()).isEqualTo(Verdict.GRANTED);
            deleteBefore(upTo);
        }
        try (Following second = follow("second", 50)) {
            claim("second", "user 9", 11);
            assertThat(answer()).isEqualTo(Verdict.EXHAUSTED);
            claim("second", "user 8", 11);
            assertThat(answer()).isEqualTo(Verdict.GRANTED);
            claim("second", "user 8", 11);
            assertThat(answer()).isEqualTo(Verdict.EXHAUSTED);
        }
    }

    @Test
    void whatNobodyCanReadIsPassedOver() throws Exception {
        try (Following reader = follow("first", 1_000)) {
            producer.send(new ProducerRecord<>(partition.topic(), 0, null, new byte[] {1, 2, 3}));
            producer.send(new ProducerRecord<>(partition.topic(), 0, null, null));
            claim("first", "user a", 1);
            assertThat(answer()).isEqualTo(Verdict.GRANTED);
        }
    }

    @Test
    void whatIsReadAnewIsNotAnsweredAgain() throws Exception {
        try (Following reader = follow("first", 1_000)) {
            claim("first", "user a", 1);
            assertThat(answer()).isEqualTo(Verdict.GRANTED);
            reader.lose();
            claim("first", "user a", 1);
            assertThat(answer()).as("of the second claim").isEqualTo(Verdict.EXHAUSTED);
            assertThat(judged).isEmpty();
        }
    }

    @Test
    void aNodeStartsAlthoughANewerOneWroteWhatItCannotRead() throws Exception {
        claim("newer", "user a", 2);
        send(new QuotaEntry("newer", List.of(), List.of(), null, List.of("weeks")));
        try (Following old = follow("old", 1_000)) {
            claim("old", "user a", 2);
        }
        assertThat(judged).as("nothing is known behind that record").isEmpty();
        Codec<QuotaEntry> older = codec;
        codec = new Codec<>(QuotaEntry.class, new KnownSchemas(Set.of("weeks")));
        try (Following upgraded = follow("upgraded", 2)) {
            claim("upgraded", "user a", 2);
            assertThat(answer()).isEqualTo(Verdict.EXHAUSTED);
            assertThat(balanced.poll(60, TimeUnit.SECONDS)).isNotNull();
        }
        codec = older;
        try (Following old = follow("old again", 1_000)) {
            claim("old again", "user a", 2);
            assertThat(answer())
                    .as("it begins with the balance behind that record")
                    .isEqualTo(Verdict.EXHAUSTED);
        }
    }

    /** Kafka's own, of which one poll finds that its place in the topic is gone. */
    private final class Losing extends KafkaConsumer<byte[], byte[]> {
        private final CountDownLatch foundAgain = new CountDownLatch(1);
        private volatile boolean loses;
        private boolean lost;

        Losing(String client) {
            super(kafka.consumer(client));
        }

        @Override
        public ConsumerRecords<byte[], byte[]> poll(Duration patience) {
            if (loses && !lost) {
                lost = true;
                throw new OffsetOutOfRangeException(Map.of(partition, 0L));
            }
            return super.poll(patience);
        }

        @Override
        public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions, Duration patience) {
            Map<TopicPartition, Long> end = super.endOffsets(partitions, patience);
            if (lost) {
                foundAgain.countDown();
            }
            return end;
        }
    }

    private final class Following implements AutoCloseable, QuotaReader.Listener, QuotaReader.BalanceWriter {
        private final String node;
        private final Losing consumer;
        private final QuotaReader reader;
        private final Thread thread;

        Following(String node, long balanceEvery) {
            this.node = node;
            this.consumer = new Losing(node);
            this.reader = new QuotaReader(
                    consumer,
                    partition,
                    new FollowedRecords<>(codec, () -> {}),
                    node,
                    balanceEvery,
                    this,
                    this,
                    System::nanoTime);
            reader.begin();
            thread = new Thread(reader);
            thread.start();
        }

        /** Returns when it looks for the end of the topic anew. */
        void lose() throws InterruptedException {
            consumer.loses = true;
            assertThat(consumer.foundAgain.await(60, TimeUnit.SECONDS)).isTrue();
        }

        @Override
        public void judged(List<Judged> own) {
            judged.addAll(own);
        }

        @Override
        public void returned(List<QuotaCount> counts) {}

        @Override
        public void counted(int counts) {}

        @Override
        public void write(List<QuotaBalance> parts) {
            parts.forEach(part -> send(new QuotaEntry(node, List.of(), List.of(), part, null)));
            balanced.add(parts.get(0).getUpTo());
        }

        @Override
        public void close() throws Exception {
            reader.close();
            thread.join(60_000);
        }
    }

    private Following follow(String node, long balanceEvery) {
        return new Following(node, balanceEvery);
    }

    private void claim(String node, String quota, long most) {
        QuotaClaim claim = new QuotaClaim(1L, List.of(new QuotaUse(quota, 3_600, most, 1L)));
        send(new QuotaEntry(node, List.of(claim), List.of(), null, null));
    }

    private void send(QuotaEntry entry) {
        try {
            producer.send(new ProducerRecord<>(partition.topic(), 0, null, codec.encode(entry)))
                    .get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private Verdict answer() throws InterruptedException {
        return Objects.requireNonNull(judged.poll(60, TimeUnit.SECONDS), "no answer")
                .verdict();
    }

    private void deleteBefore(long offset) throws Exception {
        try (Admin admin = Admin.create(kafka.admin("test"))) {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(offset)))
                    .all()
                    .get();
        }
    }
}
