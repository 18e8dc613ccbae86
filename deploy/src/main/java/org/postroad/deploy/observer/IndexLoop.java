package org.postroad.deploy.observer;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.EventSum;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the index: it reads events into it, answers questions between two reads, and lets go what is old.
 *
 * <p>An answer has all that was committed before its question came, as long as that can be read within a second. Nothing here ever stops
 * mail: what fails is said, and begun again from what is kept.
 */
final class IndexLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(IndexLoop.class);

    /** A question waits so long at most; to wake a consumer up would end whatever call it is in. */
    private static final Duration POLL = Duration.ofMillis(50);

    private static final Duration KAFKA_LIMIT = Duration.ofSeconds(10);
    private static final long AGAIN_AFTER_MILLIS = 5_000;
    private static final long FRESH_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Beyond this, whoever asks is told to come again: answers take milliseconds. */
    private static final int MOST_QUESTIONS = 64;

    private static final int MOST_FOLLOWERS = 16;

    /** Rows that are looked at in one turn, so that a turn stays short. */
    private static final int EXPIRY_ROWS = 5_000;

    private static final long EXPIRY_EVERY_MILLIS = 600_000;

    private final Parts parts;
    private final BlockingQueue<Question> questions = new LinkedBlockingQueue<>(MOST_QUESTIONS);
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final List<Follower> followers = new ArrayList<>();
    private final Consumer<byte[], byte[]> consumer;
    private long expireAtMillis;

    /** What it is told: where the index is, which events it reads, how old a message may be when it is over, and how long mail is tried. */
    record Parts(
            Path directory, String topic, Duration kept, Duration lifetime, Clock clock, ObserverMetrics metrics) {}

    /** Hears events as they are read; it must not wait. */
    interface Follower {
        /** False when it wants no more. */
        boolean event(ReadEvent event, byte[] json);
    }

    /** Hears an answer, or null with what failed. */
    interface Asker {
        void answered(@Nullable Map<String, Object> answer, @Nullable RuntimeException failure);
    }

    private record Question(Function<Answers, Map<String, Object>> asked, Asker asker, long askedNanos) {}

    IndexLoop(Parts parts, Consumer<byte[], byte[]> consumer) {
        this.parts = parts;
        this.consumer = consumer;
    }

    /** Asks; from any thread. The answer comes on the thread of the index. False when too much was asked already. */
    boolean ask(Function<Answers, Map<String, Object>> asked, Asker asker) {
        return !isStopping() && questions.offer(new Question(asked, asker, System.nanoTime()));
    }

    /** Lets somebody hear what comes; on the thread of the index, as in a question. False when there are too many. */
    boolean follow(Follower follower) {
        return followers.size() < MOST_FOLLOWERS && followers.add(follower);
    }

    boolean hasCaughtUp() {
        return caughtUp.getCount() == 0;
    }

    private boolean isStopping() {
        return stop.getCount() == 0;
    }

    void stop() {
        stop.countDown();
    }

    @Override
    public void run() {
        try (consumer) {
            while (!isStopping()) {
                try {
                    readUntilStopped();
                } catch (KafkaException e) {
                    LOG.atWarn().setCause(e).log("the observer waits for Kafka, and goes on where it was");
                } catch (RuntimeException e) {
                    LOG.atError().setCause(e).log("the observer failed, and begins again with what it has kept");
                }
                refuseAll();
                pause();
            }
        } catch (RuntimeException | Error e) {
            LOG.atError().setCause(e).log("the observer has ended");
            throw e;
        } finally {
            refuseAll();
        }
    }

    private void pause() {
        try {
            if (!isStopping() && stop.await(AGAIN_AFTER_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.atDebug().log("stopping");
            }
        } catch (InterruptedException e) {
            stop.countDown();
        }
    }

    private void refuseAll() {
        followers.clear();
        List<Question> left = new ArrayList<>();
        questions.drainTo(left);
        left.forEach(question -> question.asker()
                .answered(null, new IllegalStateException("the index is not there now: see the observer's log")));
    }

    private void readUntilStopped() {
        if (!readFrom(Index.open(parts.directory()))) {
            LOG.atWarn().log("the index is of events that are no more, and is made anew");
            Store.delete(parts.directory());
            readFrom(Index.open(parts.directory()));
        }
    }

    /** False when the events are not those that the index was made of: there is another topic of that name. */
    private boolean readFrom(Index opened) {
        try (Index index = opened) {
            Set<TopicPartition> partitions = assign(index);
            if (!partitions.isEmpty()) {
                turns(index, partitions);
            }
            return !partitions.isEmpty();
        }
    }

    /** Begins where the index stopped; empty when it is further than the events. */
    private Set<TopicPartition> assign(Index index) {
        Set<TopicPartition> partitions = new HashSet<>();
        for (PartitionInfo partition : consumer.partitionsFor(parts.topic(), KAFKA_LIMIT)) {
            partitions.add(new TopicPartition(partition.topic(), partition.partition()));
        }
        if (partitions.isEmpty()) {
            throw new KafkaException("topic " + parts.topic() + " is missing");
        }
        consumer.assign(partitions);
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, KAFKA_LIMIT);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, KAFKA_LIMIT);
        for (TopicPartition partition : partitions) {
            EventSum sum = index.sum(partition.partition());
            if (sum.offset() > ends.getOrDefault(partition, 0L)) {
                return Set.of();
            }
            long begin = begins.getOrDefault(partition, 0L);
            if (sum.offset() < begin) {
                sum.missed(begin);
            }
            consumer.seek(partition, sum.offset());
        }
        return partitions;
    }

    private void turns(Index index, Set<TopicPartition> partitions) {
        Answers answers = new Answers(index, parts.lifetime());
        Expiry expiry = index.expiry();
        Map<TopicPartition, Long> wanted = new HashMap<>();
        while (!isStopping()) {
            read(index, questions.isEmpty() ? POLL : Duration.ZERO);
            parts.metrics().seen(lag(partitions), index.counts().all());
            if (lag(partitions) == 0) {
                caughtUp.countDown();
            }
            answer(answers, partitions, wanted);
            expire(expiry);
        }
    }

    private void read(Index index, Duration limit) {
        ConsumerRecords<byte[], byte[]> records = poll(index, limit);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            ReadEvent event = index.apply(record);
            if (event != null && !followers.isEmpty()) {
                followers.removeIf(follower -> !follower.event(event, record.value()));
            }
        }
        boolean moved = false;
        for (TopicPartition partition : consumer.assignment()) {
            EventSum sum = index.sum(partition.partition());
            long at = consumer.position(partition, KAFKA_LIMIT);
            moved |= at != sum.offset();
            sum.reached(at);
        }
        if (moved) {
            index.commit();
            parts.metrics().read(records.count());
        }
    }

    private ConsumerRecords<byte[], byte[]> poll(Index index, Duration limit) {
        try {
            return consumer.poll(limit);
        } catch (OffsetOutOfRangeException deleted) {
            Map<TopicPartition, Long> begins = consumer.beginningOffsets(deleted.partitions(), KAFKA_LIMIT);
            begins.forEach((partition, begin) -> {
                index.sum(partition.partition()).missed(begin);
                consumer.seek(partition, begin);
            });
            return ConsumerRecords.empty();
        }
    }

    /** Committed events that were not read yet; what is not known yet counts as one. */
    private long lag(Set<TopicPartition> partitions) {
        long lag = 0;
        for (TopicPartition partition : partitions) {
            lag += consumer.currentLag(partition).orElse(1);
        }
        return lag;
    }

    private void answer(Answers answers, Set<TopicPartition> partitions, Map<TopicPartition, Long> wanted) {
        Question first = questions.peek();
        if (first == null) {
            return;
        }
        if (wanted.isEmpty()) {
            wanted.putAll(consumer.endOffsets(partitions, KAFKA_LIMIT));
        }
        boolean fresh = wanted.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey(), KAFKA_LIMIT) >= end.getValue());
        if (!fresh && System.nanoTime() - first.askedNanos() < FRESH_WITHIN_NANOS) {
            return;
        }
        wanted.clear();
        // Those that came while the first waited may want more than was read for it; the next turn has them.
        questions.remove();
        answer(first, answers, lag(partitions));
    }

    private void answer(Question question, Answers answers, long lag) {
        try {
            Map<String, Object> answer = question.asked().apply(answers);
            answer.put("lag", lag);
            question.asker().answered(answer, null);
        } catch (RuntimeException e) {
            question.asker().answered(null, e);
        }
    }

    private void expire(Expiry expiry) {
        long now = parts.clock().millis();
        if (now >= expireAtMillis && !expiry.turn(now - parts.kept().toMillis(), EXPIRY_ROWS)) {
            expireAtMillis = now + EXPIRY_EVERY_MILLIS;
        }
    }
}
