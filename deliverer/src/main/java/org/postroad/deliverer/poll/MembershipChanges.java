package org.postroad.deliverer.poll;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What has happened to this node's membership of the group of deliverers, from whoever is the member to whoever acts on it, in order.
 *
 * <p>Ownership is always told together with the generation of the group that it belongs to. So nothing is committed under a generation
 * for a partition that is not this node's in it, which Kafka would not notice. Safe for all threads; {@link #tell} is the follower's.
 */
public final class MembershipChanges {
    private final LinkedTransferQueue<Consumer<Follower>> changes = new LinkedTransferQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);

    /** Who acts on the changes, on a thread of its own. */
    public interface Follower {
        /** These are this node's, too; maybe none. */
        void assigned(Collection<TopicPartition> partitions, ConsumerGroupMetadata group);

        /**
         * These have to be given up; they are this node's until then.
         *
         * @param gone to be run once, when it has given them up
         */
        void leaving(Collection<TopicPartition> partitions, ConsumerGroupMetadata group, Runnable gone);

        /** These may be another node's already. */
        void lost(Collection<TopicPartition> partitions);

        /** The group began this member's session anew, at this instant of the node's ticker or later. */
        void proven(long begunNanos);

        /** The node is about to leave its group, and waits for {@link MembershipChanges#over}. */
        void ended();
    }

    public void assigned(Collection<TopicPartition> partitions, ConsumerGroupMetadata group) {
        List<TopicPartition> assigned = List.copyOf(partitions);
        changes.add(follower -> follower.assigned(assigned, group));
    }

    /**
     * They leave, and are kept until it has run.
     *
     * @param gone run on the follower's thread
     */
    public void leaving(Collection<TopicPartition> partitions, ConsumerGroupMetadata group, Runnable gone) {
        Set<TopicPartition> leaving = Set.copyOf(partitions);
        changes.add(follower -> follower.leaving(leaving, group, gone));
    }

    public void lost(Collection<TopicPartition> partitions) {
        Set<TopicPartition> lost = Set.copyOf(partitions);
        changes.add(follower -> follower.lost(lost));
    }

    public void proven(long begunNanos) {
        changes.add(follower -> follower.proven(begunNanos));
    }

    void ended() {
        changes.add(Follower::ended);
    }

    /** Tells what has happened since. */
    void tell(Follower follower) {
        for (Consumer<Follower> change = changes.poll(); change != null; change = changes.poll()) {
            change.accept(follower);
        }
    }

    /** The follower has given up everything and will ask no more. */
    void over() {
        over.countDown();
    }

    boolean isOver() {
        return over.getCount() == 0;
    }

    /** Whether it is over within so long. */
    boolean awaitOver(long millis) throws InterruptedException {
        return over.await(millis, TimeUnit.MILLISECONDS);
    }
}
