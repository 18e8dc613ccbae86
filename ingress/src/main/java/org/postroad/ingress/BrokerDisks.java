package org.postroad.ingress;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeLogDirsOptions;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.Topics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the brokers have room for more mail, as KIP-827 tells it. A broker whose disk is full ends, and what it had is out of reach
 * until somebody has made room; so mail is refused while a little is left, which deliveries need to go on.
 *
 * <p>A broker that does not answer is as it was when it last did; what was never heard, as for lack of a right, refuses nothing. Confined
 * to an executor, but for {@link #areFull}.
 */
final class BrokerDisks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerDisks.class);

    private static final long LEAST_OCTETS = 1024L * 1024 * 1024;

    /** Of a small disk, this part has to be left. */
    private static final int LEAST_PART = 10;

    /** More than a broker takes in; a disk is not full before it was asked again. */
    private static final long OCTETS_PER_SECOND = 512L * 1024 * 1024;

    private static final long MOST_SECONDS = 30;

    /** A broker that is well answers within it; what the others say waits for one that does not. */
    private static final int ANSWER_MILLIS = 5_000;

    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final Admin admin;
    private final EventExecutor executor;
    private final BrokerRoom brokers;
    private @Nullable Future<?> next;
    private long room = Long.MAX_VALUE;
    private boolean isKnown = true;
    private boolean isOver;
    private volatile boolean full;

    /** Of the brokers that have these topics. */
    static BrokerDisks of(KafkaSettings kafka, Topics topics) {
        Admin admin = Admin.create(kafka.admin("postroad-ingress-disks"));
        return new BrokerDisks(admin, topics.prefix(), GlobalEventExecutor.INSTANCE, BrokerDisks::least);
    }

    /** @param least the octets that have to be left of a disk of so many */
    BrokerDisks(Admin admin, String topicPrefix, EventExecutor executor, LongUnaryOperator least) {
        this.admin = admin;
        this.executor = executor;
        this.brokers = new BrokerRoom(topicPrefix, least);
    }

    static long least(long octets) {
        return Math.min(LEAST_OCTETS, octets / LEAST_PART);
    }

    /** Whether one of them has no room, as far as it is known; from any thread. */
    boolean areFull() {
        return full;
    }

    /** Asks, and goes on to ask until it is closed; returns at once, from any thread. */
    void follow() {
        executor.execute(this::ask);
    }

    private void ask() {
        if (!isOver) {
            var unused = admin.describeCluster(new DescribeClusterOptions().timeoutMs(ANSWER_MILLIS))
                    .nodes()
                    .whenComplete((nodes, failure) -> executor.execute(() -> askEach(nodes, failure)));
        }
    }

    private void askEach(@Nullable Collection<Node> nodes, @Nullable Throwable failure) {
        if (isOver) {
            return;
        }
        if (nodes == null) {
            tell(failure);
            askAgain();
            return;
        }
        List<Integer> ids = nodes.stream().map(Node::id).toList();
        Map<Integer, KafkaFuture<Map<String, LogDirDescription>>> answers = admin.describeLogDirs(
                        ids, new DescribeLogDirsOptions().timeoutMs(ANSWER_MILLIS))
                .descriptions();
        var unused = KafkaFuture.allOf(answers.values().toArray(KafkaFuture<?>[]::new)) // ends when each of them has
                .whenComplete((all, why) -> executor.execute(() -> answered(ids, answers, why)));
    }

    private void answered(
            List<Integer> ids,
            Map<Integer, KafkaFuture<Map<String, LogDirDescription>>> answers,
            @Nullable Throwable failure) {
        if (isOver) {
            return;
        }
        Map<Integer, Collection<LogDirDescription>> heard = new HashMap<>();
        answers.forEach((id, answer) -> {
            if (!answer.isCompletedExceptionally()) {
                heard.put(id, disksOf(answer));
            }
        });
        tell(failure);
        room = brokers.after(ids, heard);
        judge(room <= 0);
        askAgain();
    }

    private static Collection<LogDirDescription> disksOf(KafkaFuture<Map<String, LogDirDescription>> answer) {
        try {
            return answer.getNow(Map.of()).values();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("it has an answer", e);
        }
    }

    private void askAgain() {
        next = executor.schedule(this::ask, seconds(room), TimeUnit.SECONDS);
    }

    private void tell(@Nullable Throwable failure) {
        if (failure != null && isKnown) {
            LOG.atWarn()
                    .addKeyValue("why", String.valueOf(failure))
                    .log("how full the brokers' disks are is not known");
        }
        isKnown = failure == null;
    }

    private void judge(boolean isFull) {
        if (isFull && !full) {
            LOG.atError().log("the disk of a broker is nearly full: clients hear 452");
        } else if (!isFull && full) {
            LOG.atInfo().log("the brokers' disks have room again");
        }
        full = isFull;
    }

    /** When a disk with so much room can be full at the earliest. */
    static long seconds(long room) {
        return Math.max(1, Math.min(MOST_SECONDS, room / OCTETS_PER_SECOND));
    }

    @Override
    public void close() {
        executor.execute(() -> {
            isOver = true;
            if (next != null) {
                next.cancel(false);
            }
        });
        admin.close(FAREWELL);
    }
}
