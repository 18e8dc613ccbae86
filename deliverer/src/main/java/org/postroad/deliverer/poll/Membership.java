package org.postroad.deliverer.poll;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deliverer.work.Lease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's membership of the group of deliverers: it is given partitions and gives them up, and reads nothing.
 *
 * <p>It has a consumer and a thread of its own, because Kafka takes the return from a callback inside {@code poll} for the word that a
 * partition has been given up: who waits there for the slowest dot of what leaves cannot read what stays. Heartbeats have a thread of
 * Kafka's own, so the group waits for it as it would for any member.
 *
 * <p>What happens is told to the poller in order, ownership always together with the generation of the group that it belongs to. So
 * nothing is committed under a generation for a partition that is not this node's in it, which Kafka would not notice.
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

    /** How much of a proof's life may pass before the next. */
    private static final long PROOF_NANOS = 250_000_000L;

    /** For as long as the longest session: more cannot be of use. */
    private static final int PROOFS_UNDER_WAY = 24;

    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final Map<TopicPartition, OffsetAndMetadata> proof;
    private final Lease lease;
    private final Ticker ticker;
    private final Runnable onMembersChanged;
    private final LinkedTransferQueue<Consumer<Follower>> changes = new LinkedTransferQueue<>();
    private final CountDownLatch joined = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private int proofsUnderWay;
    private long askedNanos;

    /** Who acts on the changes, on a thread of its own. */
    interface Follower {
        /** These are this node's, too; maybe none. */
        void assigned(Collection<TopicPartition> partitions, ConsumerGroupMetadata group);

        /** These have to be given up; they are this node's until it counts down. */
        void leaving(Collection<TopicPartition> partitions, ConsumerGroupMetadata group, CountDownLatch gone);

        /** These may be another node's already. */
        void lost(Collection<TopicPartition> partitions);

        /** The group began this member's session anew, at this instant of {@link Ticker#nanoTime} or later. */
        void proven(long begunNanos);

        /** The node is about to leave its group, and waits for {@link #over}. */
        void ended();
    }

    /**
     * @param consumer the member; nobody else may use it
     * @param topic outbound
     * @param control the topic of a partition whose offset means nothing to the group
     * @param onMembersChanged called on this thread after every change of the group
     */
    public Membership(
            org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer,
            String topic,
            String control,
            Lease lease,
            Ticker ticker,
            Runnable onMembersChanged) {
        this.consumer = consumer;
        this.topic = topic;
        this.proof = Map.of(new TopicPartition(control, 0), new OffsetAndMetadata(0));
        this.lease = lease;
        this.ticker = ticker;
        this.askedNanos = ticker.nanoTime();
        this.onMembersChanged = onMembersChanged;
    }

    /** Returns when the poller is over; throws when it can be no member, after the poller has given everything up. */
    @Override
    public void run() {
        try {
            consumer.subscribe(List.of(topic), this);
            while (over.getCount() > 0) {
                turn();
            }
        } finally {
            changes.add(Follower::ended);
            await(over);
        }
    }

    void turn() {
        consumer.poll(POLL);
        proveIfOverdue();
    }

    /** Between two polls, and in a callback that waits: answers come with the next of these or with the next poll. */
    private void proveIfOverdue() {
        long now = ticker.nanoTime();
        if (lease.isOverdue(now) && now - askedNanos >= PROOF_NANOS && proofsUnderWay < PROOFS_UNDER_WAY) {
            askedNanos = now;
            proofsUnderWay++;
            consumer.commitAsync(proof, (offsets, refused) -> {
                proofsUnderWay--;
                if (refused == null) {
                    changes.add(follower -> follower.proven(now));
                }
            });
        }
    }

    /** Whether it has had its first partitions. */
    public boolean isJoined() {
        return joined.getCount() == 0;
    }

    /** Tells what has happened since, in order, on the follower's thread. */
    void tell(Follower follower) {
        for (Consumer<Follower> change = changes.poll(); change != null; change = changes.poll()) {
            change.accept(follower);
        }
    }

    /** The poller has given up everything and will ask no more. */
    void over() {
        over.countDown();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        consumer.pause(partitions);
        // It reads nothing, so any position will do; without one, Kafka would ask for the committed offset.
        partitions.forEach(partition -> consumer.seek(partition, 0));
        List<TopicPartition> assigned = List.copyOf(partitions);
        ConsumerGroupMetadata group = consumer.groupMetadata();
        changes.add(follower -> follower.assigned(assigned, group));
        joined.countDown();
        onMembersChanged.run();
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        CountDownLatch gone = new CountDownLatch(1);
        Set<TopicPartition> leaving = Set.copyOf(partitions);
        ConsumerGroupMetadata group = consumer.groupMetadata();
        changes.add(follower -> follower.leaving(leaving, group, gone));
        await(gone);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        LOG.atWarn().addKeyValue("partitions", partitions).log("partitions were lost: what is uncommitted is dropped");
        Set<TopicPartition> lost = Set.copyOf(partitions);
        changes.add(follower -> follower.lost(lost));
    }

    /** The poller answers within its limits, or is over. */
    private void await(CountDownLatch latch) {
        try {
            while (!latch.await(LOOK_MILLIS, TimeUnit.MILLISECONDS) && over.getCount() > 0) {
                proveIfOverdue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
