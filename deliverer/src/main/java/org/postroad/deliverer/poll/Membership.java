package org.postroad.deliverer.poll;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's membership of the group of deliverers: it is given partitions and gives them up, and reads nothing.
 *
 * <p>It has a consumer and a thread of its own, because Kafka takes the return from a callback inside {@code poll} for the word that a
 * partition has been given up: who waits there for the slowest dot of what leaves cannot read what stays. Heartbeats have a thread of
 * Kafka's own, so the group waits for it as it would for any member. What happens it hands to {@link MembershipChanges}.
 *
 * <p>While commits are slow it begins its session anew by another request, many of which may be under way at once: an offset commit,
 * which the group takes as a heartbeat, refuses from whom it does not know, and, unlike a heartbeat, tells us about. What is committed
 * means nothing: the first partition of the control topic, which nobody reads as a group.
 */
public final class Membership implements Runnable, ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

    /** How late a rebalance is joined. */
    private static final Duration POLL = Duration.ofMillis(50);

    private static final long LOOK_MILLIS = 50;

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final Map<TopicPartition, OffsetAndMetadata> meaningless;
    private final MembershipChanges changes;
    private final SessionProof proof;
    private final Ticker ticker;
    private final Runnable onMembersChanged;
    private final CountDownLatch joined = new CountDownLatch(1);

    /** What is waited for. */
    private interface Answer {
        boolean isWithin(long millis) throws InterruptedException;
    }

    /**
     * @param consumer the member; nobody else may use it
     * @param topic outbound
     * @param control the topic of a partition whose offset means nothing to the group
     * @param onMembersChanged called on this thread after every change of the group
     */
    public Membership(
            Consumer<byte[], byte[]> consumer,
            String topic,
            String control,
            MembershipChanges changes,
            SessionProof proof,
            Ticker ticker,
            Runnable onMembersChanged) {
        this.consumer = consumer;
        this.topic = topic;
        this.meaningless = Map.of(new TopicPartition(control, 0), new OffsetAndMetadata(0));
        this.changes = changes;
        this.proof = proof;
        this.ticker = ticker;
        this.onMembersChanged = onMembersChanged;
    }

    /** Returns when the poller is over; throws when it can be no member, after the poller has given everything up. */
    @Override
    public void run() {
        try {
            consumer.subscribe(List.of(topic), this);
            while (!changes.isOver()) {
                turn();
            }
        } finally {
            changes.ended();
            await(changes::awaitOver);
        }
    }

    void turn() {
        consumer.poll(POLL);
        proveIfDue();
    }

    /** Between two polls, and in a callback that waits: answers come with the next of these or with the next poll. */
    private void proveIfDue() {
        long now = ticker.nanoTime();
        if (proof.isDue(now)) {
            consumer.commitAsync(meaningless, (offsets, refused) -> {
                proof.answered();
                if (refused == null) {
                    changes.proven(now);
                }
            });
        }
    }

    /** Whether it has had its first partitions. */
    public boolean isJoined() {
        return joined.getCount() == 0;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        consumer.pause(partitions);
        // It reads nothing, so any position will do; without one, Kafka would ask for the committed offset.
        partitions.forEach(partition -> consumer.seek(partition, 0));
        changes.assigned(partitions, consumer.groupMetadata());
        joined.countDown();
        onMembersChanged.run();
    }

    /** The poller answers within its limits, or is over. */
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        CountDownLatch gone = new CountDownLatch(1);
        changes.leaving(partitions, consumer.groupMetadata(), gone::countDown);
        await(millis -> gone.await(millis, TimeUnit.MILLISECONDS));
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        LOG.atWarn().addKeyValue("partitions", partitions).log("partitions were lost: what is uncommitted is dropped");
        changes.lost(partitions);
    }

    private void await(Answer answer) {
        try {
            while (!answer.isWithin(LOOK_MILLIS) && !changes.isOver()) {
                proveIfDue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
