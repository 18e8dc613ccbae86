package org.postroad.deploy.observer;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.StoredEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the index: it reads events into it, answers questions between two reads, and lets go what is old.
 *
 * <p>An answer has all that was committed before its question came, as long as that can be read within a second; where Kafka does not
 * answer, it has what there is. Nothing here ever stops mail: what fails is said, and begun again from what is kept.
 */
final class IndexLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(IndexLoop.class);

    /** A question waits so long at most; to wake a consumer up would end whatever call it is in. */
    private static final Duration POLL = Duration.ofMillis(50);

    /** While a question waits for what it wants to be read. */
    private static final Duration ASKED_POLL = Duration.ofMillis(5);

    private static final Duration AGAIN_AFTER = Duration.ofSeconds(5);
    private static final long FRESH_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Beyond this, whoever asks is told to come again: answers take milliseconds. */
    private static final int MOST_QUESTIONS = 64;

    private static final int MOST_FOLLOWERS = 16;

    private final Parts parts;
    private final BlockingQueue<Question> questions = new LinkedBlockingQueue<>(MOST_QUESTIONS);
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final List<Follower> followers = new ArrayList<>();
    private final Consumer<byte[], byte[]> consumer;
    private final EventsTopic topic;

    /** Of the thread of the index, as the two that follow. */
    private boolean isCurrent;

    private @Nullable CompletableFuture<Map<TopicPartition, Long>> ends;

    /** What it is told: where the index is, how long the events of a message are kept that is over, and how long mail is tried. */
    record Parts(Path directory, Duration kept, Duration lifetime, Clock clock, ObserverMetrics metrics) {}

    /** Hears events as they are read; it must not wait. */
    interface Follower {
        /** False when it wants no more. */
        boolean event(StoredEvent event, byte[] json);

        /** There will be no more. */
        void ended();
    }

    /** Hears an answer, or null with what failed. */
    interface Asker {
        void answered(@Nullable Map<String, Object> answer, @Nullable RuntimeException failure);
    }

    private record Question(Function<Answers, Map<String, Object>> asked, Asker asker, long askedNanos) {}

    /** Closes the consumer and the topic when it ends. */
    IndexLoop(Parts parts, Consumer<byte[], byte[]> consumer, EventsTopic topic) {
        this.parts = parts;
        this.consumer = consumer;
        this.topic = topic;
    }

    /** Asks; from any thread. The answer comes on the thread of the index. False when too much was asked already, or it has ended. */
    boolean ask(Function<Answers, Map<String, Object>> asked, Asker asker) {
        Question question = new Question(asked, asker, System.nanoTime());
        // It may have ended in between, and whoever takes the question out answers it.
        return !isStopping() && questions.offer(question) && !(isStopping() && questions.remove(question));
    }

    /**
     * Lets somebody hear what comes; on the thread of the index, as in a question. False when there are too many.
     *
     * @throws IllegalStateException while events are read that are not new
     */
    boolean follow(Follower follower) {
        if (!isCurrent) {
            throw new IllegalStateException("the index has not all events yet");
        }
        return followers.size() < MOST_FOLLOWERS && followers.add(follower);
    }

    /** How many questions have no answer yet; from any thread. */
    int waiting() {
        return questions.size();
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
        try (consumer;
                topic) {
            while (!isStopping()) {
                try {
                    readUntilStopped();
                } catch (RuntimeException e) {
                    LOG.atError().setCause(e).log("the observer failed, and begins again with what it has kept");
                    refuseAll();
                    pause(AGAIN_AFTER);
                }
            }
        } catch (RuntimeException | Error e) {
            LOG.atError().setCause(e).log("the observer has ended");
            throw e;
        } finally {
            stop.countDown();
            refuseAll();
        }
    }

    private void pause(Duration limit) {
        try {
            if (stop.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.atDebug().log("stopping");
            }
        } catch (InterruptedException e) {
            stop.countDown();
        }
    }

    private void endFollowers() {
        isCurrent = false;
        followers.forEach(Follower::ended);
        followers.clear();
    }

    private void refuseAll() {
        endFollowers();
        List<Question> left = new ArrayList<>();
        questions.drainTo(left);
        left.forEach(question -> question.asker()
                .answered(null, new IllegalStateException("the index is not there now: see the observer's log")));
    }

    private void readUntilStopped() {
        try {
            readFrom(parts.directory());
        } catch (UnfitIndexException e) {
            LOG.atWarn().addKeyValue("why", e.getMessage()).log("the index is made anew");
            endFollowers();
            Store.delete(parts.directory());
        }
    }

    private void readFrom(Path directory) {
        try (Index index = Index.open(directory)) {
            Answers answers = new Answers(index, parts.lifetime());
            EventReader reader = new EventReader(consumer, topic, index);
            Upkeep upkeep = new Upkeep(index, parts.kept());
            ends = null;
            while (!isStopping()) {
                read(index, reader);
                answer(answers, reader);
                upkeep.turn(parts.clock().millis());
            }
        }
    }

    private void read(Index index, EventReader reader) {
        reader.look(parts.clock().millis());
        Duration limit = questions.isEmpty() ? POLL : ASKED_POLL;
        if (!reader.isAssigned()) {
            pause(limit);
            return;
        }
        parts.metrics().read(reader.read(limit, this::tell, parts.clock().millis()));
        parts.metrics().seen(reader.lag(), index.counts().all());
        isCurrent = reader.isCurrent();
        if (isCurrent) {
            caughtUp.countDown();
        }
    }

    private void tell(byte[] json) {
        StoredEvent event = followers.isEmpty() ? null : StoredEvent.parse(json);
        if (event != null) {
            followers.removeIf(follower -> !follower.event(event, json));
        }
    }

    private void answer(Answers answers, EventReader reader) {
        Question first = questions.peek();
        if (first == null) {
            return;
        }
        if (ends == null && reader.isAssigned()) {
            ends = reader.ends();
        }
        long lag = ends == null ? -1 : reader.lag(ends);
        boolean unknown = ends != null && ends.isCompletedExceptionally();
        if (lag != 0 && !unknown && System.nanoTime() - first.askedNanos() < FRESH_WITHIN_NANOS) {
            return;
        }
        // Those that came while the first waited may want more than was read for it; the next turn has them.
        questions.remove();
        ends = null;
        isCurrent = reader.isCurrent();
        answer(first, answers, lag);
    }

    private static void answer(Question question, Answers answers, long lag) {
        try {
            answers.requireSomeRead();
            Map<String, Object> answer = question.asked().apply(answers);
            answer.put("lag", lag);
            answer.put("gaps", answers.haveGaps());
            question.asker().answered(answer, null);
        } catch (RuntimeException e) {
            question.asker().answered(null, e);
            if (e instanceof UnfitIndexException) {
                throw e;
            }
        }
    }
}
