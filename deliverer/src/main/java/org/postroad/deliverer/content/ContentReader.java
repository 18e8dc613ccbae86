package org.postroad.deliverer.content;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.ContentRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads chunks of referenced content for every event loop, one forward pass over each content partition.
 *
 * <p>Mail is delivered roughly in the order in which it was accepted, and so was its content written: what is wanted next mostly lies
 * just ahead, and what lies between is leapt over when it is more than a seek costs. One that reads ahead is for large
 * content, of which a stretch of chunks lies together and the next stretch far off: it reads the stretch and stops.
 * All state but the inbox and the cache is confined to the reader's own thread.
 */
public final class ContentReader implements ContentSource, Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ContentReader.class);

    /** What is kept of each reader's: the neighbours of the chunks that are being sent. */
    public static final long CACHE_OCTETS =
            Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 20);

    /** Reading over so much is cheaper than a seek, which throws away what was fetched and waits a round trip. */
    private static final int NEAR_OCTETS = 512 << 10;

    /** A little more than ingress appends of one large message at a time. */
    private static final int AHEAD_OCTETS = 768 << 10;

    /** Longer than a leader's election; shorter than an exchanger's patience between two blocks of data. */
    private static final Duration TIME_LIMIT = Duration.ofSeconds(20);

    /** Short: a request for another partition waits so long. */
    private static final Duration POLL = Duration.ofMillis(2);

    /** What has waited so long is read next, although what lies ahead would be read faster. */
    private static final Duration OVERDUE = Duration.ofSeconds(5);

    private static final Duration CALL_LIMIT = Duration.ofSeconds(5);
    private static final long IDLE_WAIT_MILLIS = 100;

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final Ticker ticker;
    private final LinkedTransferQueue<ChunkRequest> inbox = new LinkedTransferQueue<>();
    private final ChunkCache cache = new ChunkCache(CACHE_OCTETS);
    private final Map<Integer, WantedChunks> wanted = new HashMap<>();
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final boolean readsAhead;
    private double recordOctets = NEAR_OCTETS;

    /** For content of which much is wanted of what lies side by side. */
    public ContentReader(Consumer<byte[], byte[]> consumer, String topic, Ticker ticker) {
        this(consumer, topic, false, ticker);
    }

    /** @param readsAhead for large content: reads on in the content of which a chunk was wanted, as far as it lies together */
    public ContentReader(Consumer<byte[], byte[]> consumer, String topic, boolean readsAhead, Ticker ticker) {
        this.consumer = consumer;
        this.topic = topic;
        this.readsAhead = readsAhead;
        this.ticker = ticker;
    }

    @Override
    public void read(ContentRef ref, int chunk, EventExecutor loop, Receiver receiver) {
        ChunkRequest request = new ChunkRequest(ref, chunk, loop, receiver, ticker.nanoTime() + TIME_LIMIT.toNanos());
        Chunk cached = cache.get(request.partition(), request.offset());
        if (cached != null) {
            request.answer(cached);
            return;
        }
        inbox.add(request);
        if (closing.getCount() == 0) {
            answerAllUnread();
        }
    }

    /** Returns after {@link #close}, throws when Kafka refuses to let it read; every request is answered. */
    @Override
    public void run() {
        try {
            while (closing.getCount() > 0) {
                turn();
            }
        } finally {
            closing.countDown();
            answerAllUnread();
            wanted.values()
                    .forEach(chunks -> chunks.takeBetween(0, Long.MAX_VALUE).forEach(ChunkRequest::unread));
        }
    }

    /** Asks it to return; from any thread. */
    public void close() {
        closing.countDown();
    }

    private void turn() {
        acceptRequests();
        try {
            steer();
            if (!consumer.assignment().isEmpty()) {
                serve(consumer.poll(POLL));
            }
        } catch (OffsetOutOfRangeException e) {
            e.offsetOutOfRangePartitions().keySet().forEach(this::dropWhatIsOutOfRange);
        } catch (AuthorizationException refused) {
            throw refused;
        } catch (KafkaException e) {
            LOG.atWarn().setCause(e).log("content cannot be read now");
        }
        long now = ticker.nanoTime();
        wanted.values().forEach(chunks -> chunks.takeExpired(now).forEach(ChunkRequest::unread));
        wanted.values().removeIf(WantedChunks::isEmpty);
    }

    /** Takes what was asked for; waits for the first when there is nothing to read. */
    private void acceptRequests() {
        ChunkRequest next = wanted.isEmpty() ? await() : inbox.poll();
        while (next != null) {
            accept(next);
            next = inbox.poll();
        }
    }

    private void accept(ChunkRequest request) {
        if (!request.isPlace()) {
            request.gone("its reference names no place");
            return;
        }
        Chunk cached = cache.get(request.partition(), request.offset());
        if (cached != null) {
            request.answer(cached);
        } else {
            wanted.computeIfAbsent(request.partition(), partition -> new WantedChunks())
                    .add(request);
        }
    }

    /** Points the consumer at what is wanted; a partition of which nothing is wanted keeps its prefetched records, paused. */
    private void steer() {
        Set<TopicPartition> reading = new HashSet<>();
        wanted.keySet().forEach(partition -> reading.add(new TopicPartition(topic, partition)));
        if (!consumer.assignment().containsAll(reading)) {
            Set<TopicPartition> all = new HashSet<>(consumer.assignment());
            all.addAll(reading);
            consumer.assign(all);
        }
        long overdue = ticker.nanoTime() + TIME_LIMIT.minus(OVERDUE).toNanos();
        wanted.forEach((partition, chunks) -> {
            TopicPartition place = new TopicPartition(topic, partition);
            Long seek = chunks.seekFrom(positions.getOrDefault(place, Long.MAX_VALUE), near(), overdue);
            if (seek != null) {
                consumer.seek(place, seek);
                positions.put(place, seek);
            }
        });
        Set<TopicPartition> idle = new HashSet<>(consumer.assignment());
        idle.removeAll(reading);
        consumer.pause(idle);
        consumer.resume(reading);
    }

    private long near() {
        return (long) (NEAR_OCTETS / Math.max(1, recordOctets));
    }

    private void serve(ConsumerRecords<byte[], byte[]> polled) {
        for (TopicPartition place : polled.partitions()) {
            WantedChunks chunks = wanted.getOrDefault(place.partition(), new WantedChunks());
            for (ConsumerRecord<byte[], byte[]> record : polled.records(place)) {
                Chunk chunk = cache.put(record);
                recordOctets += (chunk.size() - recordOctets) / 16;
                List<ChunkRequest> asked = chunks.take(record.offset());
                asked.forEach(request -> request.answer(chunk));
                if (readsAhead && !asked.isEmpty()) {
                    chunks.readAhead(asked.get(0).endOfStretch(AHEAD_OCTETS / chunk.size()), ticker.nanoTime());
                }
            }
            long before = positions.getOrDefault(place, 0L);
            long after = consumer.position(place, CALL_LIMIT);
            chunks.takeBetween(before, after).forEach(request -> request.gone("no record stands in its place"));
            positions.put(place, after);
        }
    }

    private void dropWhatIsOutOfRange(TopicPartition place) {
        try {
            Long begin = consumer.beginningOffsets(List.of(place), CALL_LIMIT).get(place);
            Long end = consumer.endOffsets(List.of(place), CALL_LIMIT).get(place);
            WantedChunks chunks = wanted.getOrDefault(place.partition(), new WantedChunks());
            if (begin != null && end != null) {
                chunks.takeBetween(0, begin).forEach(request -> request.gone("deleted"));
                chunks.takeBetween(end, Long.MAX_VALUE).forEach(request -> request.gone("never written"));
            }
        } catch (KafkaException e) {
            LOG.atWarn().setCause(e).log("the range of content is not known now");
        }
        // Whatever is left has to be sought anew.
        positions.remove(place);
    }

    private void answerAllUnread() {
        for (ChunkRequest left = inbox.poll(); left != null; left = inbox.poll()) {
            left.unread();
        }
    }

    private @Nullable ChunkRequest await() {
        try {
            return inbox.poll(IDLE_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
