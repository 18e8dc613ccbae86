package org.postroad.deliverer.poll;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;
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
 */
public final class Membership implements Runnable, ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

    /** How late a rebalance is joined. */
    private static final Duration POLL = Duration.ofMillis(50);

    private static final long LOOK_MILLIS = 50;

    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final Runnable onMembersChanged;
    private final LinkedTransferQueue<Consumer<Follower>> changes = new LinkedTransferQueue<>();
    private final CountDownLatch joined = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);

    /** Who acts on the changes, on a thread of its own. */
    interface Follower {
        /** These are this node's, too; maybe none. */
        void assigned(Collection<TopicPartition> partitions, ConsumerGroupMetadata group);

        /** These have to be given up; they are this node's until it counts down. */
        void leaving(Collection<TopicPartition> partitions, ConsumerGroupMetadata group, CountDownLatch gone);

        /** These may be another node's already. */
        void lost(Collection<TopicPartition> partitions);

        /** The node is about to leave its group, and waits for {@link #over}. */
        void ended();
    }

    /**
     * @param consumer the member; nobody else may use it
     * @param topic outbound
     * @param onMembersChanged called on this thread after every change of the group
     */
    public Membership(
            org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer,
            String topic,
            Runnable onMembersChanged) {
        this.consumer = consumer;
        this.topic = topic;
        this.onMembersChanged = onMembersChanged;
    }

    /** Returns when the poller is over; throws when it can be no member, after the poller has given everything up. */
    @Override
    public void run() {
        try {
            consumer.subscribe(List.of(topic), this);
            while (over.getCount() > 0) {
                consumer.poll(POLL);
            }
        } finally {
            changes.add(Follower::ended);
            await(over);
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
                // Nobody else ends this thread's wait.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
