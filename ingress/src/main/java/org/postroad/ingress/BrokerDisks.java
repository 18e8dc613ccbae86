package org.postroad.ingress;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
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
 * <p>What cannot be asked, for lack of a right or because a broker is away, refuses nothing. Confined to an executor, but for
 * {@link #areFull}.
 */
final class BrokerDisks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerDisks.class);

    private static final long LEAST_OCTETS = 1024L * 1024 * 1024;

    /** Of a small disk, this part has to be left. */
    private static final int LEAST_PART = 10;

    /** More than a broker takes in; a disk is not full before it was asked again. */
    private static final long OCTETS_PER_SECOND = 512L * 1024 * 1024;

    private static final long MOST_SECONDS = 30;
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final Admin admin;
    private final String topicPrefix;
    private final EventExecutor executor;
    private final LongUnaryOperator least;
    private @Nullable Future<?> next;
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
        this.topicPrefix = topicPrefix;
        this.executor = executor;
        this.least = least;
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
            var unused = admin.describeCluster()
                    .nodes()
                    .toCompletionStage()
                    .thenCompose(nodes -> admin.describeLogDirs(
                                    nodes.stream().map(Node::id).toList())
                            .allDescriptions()
                            .toCompletionStage())
                    .whenComplete((disks, failure) -> executor.execute(() -> answered(disks, failure)));
        }
    }

    private void answered(@Nullable Map<Integer, Map<String, LogDirDescription>> disks, @Nullable Throwable failure) {
        long room = Long.MAX_VALUE;
        if (failure == null && disks != null) {
            room = disks.values().stream()
                    .mapToLong(ofOneBroker -> room(ofOneBroker.values(), topicPrefix, least))
                    .min()
                    .orElse(Long.MAX_VALUE);
            isKnown = true;
        } else if (isKnown) {
            isKnown = false;
            LOG.atWarn()
                    .addKeyValue("why", String.valueOf(failure))
                    .log("how full the brokers' disks are is not known");
        }
        judge(room <= 0);
        if (!isOver) {
            next = executor.schedule(this::ask, seconds(room), TimeUnit.SECONDS);
        }
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

    /**
     * The octets that one broker can take before less is left than has to be, on the fullest of its disks that has some of our topics;
     * negative when less is left already. A broker too old to say how large its disks are has room.
     */
    static long room(Collection<LogDirDescription> disks, String topicPrefix, LongUnaryOperator least) {
        return disks.stream()
                .filter(disk ->
                        disk.totalBytes().isPresent() && disk.usableBytes().isPresent())
                .filter(disk -> disk.replicaInfos().keySet().stream()
                        .anyMatch(partition -> partition.topic().startsWith(topicPrefix)))
                .mapToLong(disk -> disk.usableBytes().getAsLong()
                        - least.applyAsLong(disk.totalBytes().getAsLong()))
                .min()
                .orElse(Long.MAX_VALUE);
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
