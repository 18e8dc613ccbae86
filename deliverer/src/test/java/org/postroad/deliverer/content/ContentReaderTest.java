package org.postroad.deliverer.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Ticker;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.deliverer.Road;
import org.postroad.deliverer.commit.ClientSettings;
import org.postroad.schemas.ContentChunks;
import org.postroad.schemas.ContentId;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Packing;

@Tag("broker")
class ContentReaderTest {
    private static final int CHUNK = 64 * 1024;

    private static EmbeddedBroker broker;

    private Road road;
    private Consumer<byte[], byte[]> consumer;
    private ContentReader reader;
    private Thread thread;

    /** One answer: null octets and gone, or null octets and not gone, or octets. */
    private record Answer(
            ContentRef ref, int chunk, @Nullable ByteBuffer octets, boolean gone) {}

    private final Packing packing = new Packing();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void startBroker(@TempDir Path data) throws Exception {
        broker = EmbeddedBroker.start(data, 0);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void start(TestInfo test) {
        road = new Road(
                broker.bootstrapServers(), test.getTestMethod().orElseThrow().getName() + ".");
        consumer = new KafkaConsumer<>(ClientSettings.contentReader(road.kafka, "test-content"));
        reader = new ContentReader(consumer, road.topics.content().name(), Ticker.systemTicker());
        thread = new Thread(reader, "test-content");
        thread.start();
    }

    @AfterEach
    void stop() throws Exception {
        reader.close();
        thread.join(5_000);
        consumer.close();
        road.close();
    }

    @Test
    void everyChunkIsAnsweredWithItsOctetsInWhateverOrderItIsAskedFor() throws Exception {
        List<ContentRef> written = write(60, 4);
        List<int[]> wanted = new ArrayList<>();
        for (int message = 0; message < written.size(); message++) {
            for (int chunk = 0; chunk < 4; chunk++) {
                wanted.add(new int[] {message, chunk});
            }
        }
        Collections.shuffle(wanted, new Random(7));
        wanted.forEach(one -> read(written.get(one[0]), one[1]));
        Road.await(() -> answers.size() == wanted.size());
        assertThat(answers).allSatisfy(answer -> assertThat(answer.octets())
                .isEqualTo(octets(written.indexOf(answer.ref()), answer.chunk())));
    }

    @Test
    void contentThatWasDeletedOrNeverWrittenOrReplacedIsGone() throws Exception {
        List<ContentRef> written = write(8, 1);
        TopicPartition partition = new TopicPartition(road.topics.content().name(), 0);
        try (Admin admin = Admin.create(road.kafka.admin("test"))) {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(1)))
                    .all()
                    .get();
        }
        ContentRef deleted = written.get(0);
        ContentRef kept = written.get(4);
        ContentRef never = new ContentRef(id(99), 0, List.of(1_000L), 1L, 0);
        ContentRef replaced = new ContentRef(id(99), 0, kept.getOffsets(), 1L, 0);
        List.of(deleted, kept, never, replaced).forEach(ref -> read(ref, 0));
        Road.await(() -> answers.size() == 4);
        assertThat(answers)
                .filteredOn(Answer::gone)
                .extracting(Answer::ref)
                .containsExactlyInAnyOrder(deleted, never, replaced);
        assertThat(answers).filteredOn(answer -> !answer.gone()).singleElement().satisfies(answer -> assertThat(
                        answer.octets())
                .isEqualTo(octets(4, 0)));
    }

    @Test
    void aReferenceToNowhereIsGoneAndTheReaderReadsOn() throws Exception {
        ContentRef kept = write(1, 1).get(0);
        ContentRef empty = new ContentRef(id(1), 0, List.of(), 1L, 0);
        ContentRef negative = new ContentRef(id(2), 0, List.of(-5L), 1L, 0);
        ContentRef nowhere = new ContentRef(id(3), -1, List.of(0L), 1L, 0);
        List.of(empty, negative, nowhere, kept).forEach(ref -> read(ref, 0));
        Road.await(() -> answers.size() == 4);
        assertThat(answers)
                .filteredOn(Answer::gone)
                .extracting(Answer::ref)
                .containsExactlyInAnyOrder(empty, negative, nowhere);
        assertThat(thread.isAlive()).isTrue();
    }

    @Test
    void anAnswerComesEvenWhenTheReaderHasEnded() throws Exception {
        List<ContentRef> written = write(1, 1);
        reader.close();
        thread.join(5_000);
        read(written.get(0), 0);
        assertThat(answers).singleElement().satisfies(answer -> {
            assertThat(answer.octets()).isNull();
            assertThat(answer.gone()).isFalse();
        });
    }

    @Test
    void readsForwardFast() throws Exception {
        List<ContentRef> written = write(400, 1);
        long begun = System.nanoTime();
        written.forEach(ref -> read(ref, 0));
        Road.await(() -> answers.size() == written.size());
        Duration taken = Duration.ofNanos(System.nanoTime() - begun);
        // 25 MiB; the target is 150 MB/s, the bound leaves room for a machine busy with other builds.
        assertThat(taken).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void ofLargeContentOnlyTheBatchesAreFetchedThatHoldWhatIsWanted() throws Exception {
        List<ContentRef> written = write(60, 12, Map.of(ProducerConfig.BATCH_SIZE_CONFIG, 1)); // a chunk a batch
        try (Consumer<byte[], byte[]> exact =
                new KafkaConsumer<>(ClientSettings.largeContentReader(road.kafka, "test-large"))) {
            ContentReader large = new ContentReader(exact, road.topics.content().name(), true, Ticker.systemTicker());
            Thread running = new Thread(large, "test-large");
            running.start();
            List<ContentRef> sent = List.of(written.get(0), written.get(9), written.get(33), written.get(36));
            for (int chunk = 0; chunk < 12; chunk++) { // side by side, as connections take them
                for (ContentRef ref : sent) {
                    read(large, ref, chunk);
                }
                int expected = (chunk + 1) * sent.size();
                Road.await(() -> answers.size() == expected);
            }
            assertThat(answers).allSatisfy(answer -> assertThat(answer.octets())
                    .isEqualTo(octets(written.indexOf(answer.ref()), answer.chunk())));
            large.close();
            running.join(5_000);
            double fetched = exact.metrics().entrySet().stream()
                    .filter(metric -> metric.getKey().name().equals("incoming-byte-total")
                            && metric.getKey().group().equals("consumer-metrics"))
                    .mapToDouble(metric -> (double) metric.getValue().metricValue())
                    .sum();
            assertThat(fetched / (sent.size() * 12 * CHUNK))
                    .isLessThan(1.5); // what lies between two that are near is read over
        }
    }

    private void read(ContentRef ref, int chunk) {
        read(reader, ref, chunk);
    }

    private void read(ContentReader from, ContentRef ref, int chunk) {
        from.read(
                ref,
                chunk,
                ImmediateEventExecutor.INSTANCE,
                (content, gone) -> answers.add(
                        new Answer(ref, chunk, content == null ? null : ByteBuffer.wrap(content.octets()), gone)));
    }

    /** Messages of so many chunks over four partitions, side by side. */
    private List<ContentRef> write(int messages, int chunks) throws Exception {
        return write(messages, chunks, Map.of());
    }

    private List<ContentRef> write(int messages, int chunks, Map<String, Object> settings) throws Exception {
        List<ContentRef> refs = new ArrayList<>();
        Map<String, Object> all = new HashMap<>(road.kafka.producer("test"));
        all.putAll(settings);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(all)) {
            List<List<Future<RecordMetadata>>> sent = new ArrayList<>();
            for (int message = 0; message < messages; message++) {
                sent.add(new ArrayList<>());
            }
            for (int chunk = 0; chunk < chunks; chunk++) {
                for (int message = 0; message < messages; message++) {
                    byte[] key = ContentChunks.key(id(message), chunk);
                    byte[] octets = octets(message, chunk).array();
                    sent.get(message)
                            .add(producer.send(ContentChunks.record(
                                    road.topics.content().name(), message % 4, key, octets, octets.length, packing)));
                }
            }
            for (int message = 0; message < messages; message++) {
                List<Long> offsets = new ArrayList<>();
                for (Future<RecordMetadata> part : sent.get(message)) {
                    offsets.add(part.get().offset());
                }
                refs.add(new ContentRef(id(message), message % 4, offsets, (long) chunks * CHUNK, 0));
            }
        }
        return refs;
    }

    private static ContentId id(int message) {
        byte[] octets = new byte[16];
        octets[0] = (byte) message;
        octets[1] = (byte) (message >> 8);
        return new ContentId(octets);
    }

    private static ByteBuffer octets(int message, int chunk) {
        byte[] octets = new byte[CHUNK];
        if (message % 3 == 0) {
            new Random(message * 4L + chunk).nextBytes(octets); // cannot be packed
        } else {
            Arrays.fill(octets, (byte) (message * 4 + chunk));
        }
        return ByteBuffer.wrap(octets);
    }
}
