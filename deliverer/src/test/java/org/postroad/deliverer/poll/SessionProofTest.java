package org.postroad.deliverer.poll;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.SuppliedTicker;
import org.postroad.deliverer.commit.ClientSettings;
import org.postroad.deliverer.delivery.Lease;

/**
 * The argument for the lease in virtual time: a coordinator that gives the partitions to another node the moment the session ends, and
 * a member whose requests and answers take any time, that freezes, and that sends no heartbeat at all.
 */
class SessionProofTest {
    private static final TopicPartition PARTITION = new TopicPartition("outbound", 0);
    private static final long MILLI = 1_000_000;
    private static final long STEP = 10 * MILLI;

    private final Lease lease = new Lease(1_000);
    private final Coordinator coordinator = new Coordinator();
    private final MembershipChanges changes = new MembershipChanges();
    private final Membership membership = new Membership(
            coordinator,
            "outbound",
            "control",
            changes,
            new SessionProof(lease, 0),
            new SuppliedTicker(() -> coordinator.now),
            () -> {});
    private final MembershipChanges.Follower follower = new Poller();

    /** What the group's coordinator and the way to it do. */
    private static final class Coordinator extends MockConsumer<byte[], byte[]> {
        /** On its way there. */
        final PriorityQueue<Asked> asked = new PriorityQueue<>(Comparator.comparingLong(Asked::handledAt));

        /** On their way back. */
        final Deque<Answer> answers = new ArrayDeque<>();

        long now;
        long sessionEnds = ClientSettings.SESSION.toNanos();
        boolean gaveAway;
        long requestNanos;
        long answerNanos;
        int count;

        Coordinator() {
            super("none");
        }

        record Asked(long handledAt, OffsetCommitCallback callback) {}

        record Answer(long arrivesAt, OffsetCommitCallback callback, boolean refused) {}

        /** Time passes for it whether or not the member is frozen. */
        void pass(long nanos) {
            long until = now + nanos;
            while (!asked.isEmpty() && asked.element().handledAt() <= until) {
                Asked next = asked.remove();
                gaveAway |= next.handledAt() >= sessionEnds;
                if (!gaveAway) {
                    sessionEnds = next.handledAt() + ClientSettings.SESSION.toNanos();
                }
                answers.add(new Answer(next.handledAt() + answerNanos, next.callback(), gaveAway));
            }
            now = until;
            gaveAway |= now >= sessionEnds;
        }

        @Override
        public synchronized void commitAsync(
                Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
            assertThat(offsets).containsOnlyKeys(new TopicPartition("control", 0));
            count++;
            asked.add(new Asked(now + requestNanos, callback));
        }

        @Override
        public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            while (!answers.isEmpty() && answers.element().arrivesAt() <= now) {
                Answer answer = answers.remove();
                answer.callback().onComplete(Map.of(), answer.refused() ? new CommitFailedException() : null);
            }
            return ConsumerRecords.empty();
        }
    }

    private final class Poller implements MembershipChanges.Follower {
        @Override
        public void proven(long begunNanos) {
            lease.proveSession(begunNanos);
        }

        @Override
        public void assigned(Collection<TopicPartition> partitions, ConsumerGroupMetadata group) {}

        @Override
        public void leaving(Collection<TopicPartition> partitions, ConsumerGroupMetadata group, Runnable gone) {}

        @Override
        public void lost(Collection<TopicPartition> partitions) {}

        @Override
        public void ended() {}
    }

    /** Whatever is slow for how long, and whenever and however long this process stands still. */
    @RepeatedTest(300)
    void noDotIsPermittedOnceAnotherMayOwnThePartition(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        lease.renew(0, 0, 0);
        while (coordinator.now < Duration.ofSeconds(60).toNanos()) {
            if (random.nextInt(100) == 0) {
                coordinator.requestNanos = random.nextInt(4_000) * MILLI;
                coordinator.answerNanos = random.nextInt(6_000) * MILLI;
            }
            boolean frozen = random.nextInt(400) == 0;
            coordinator.pass(frozen ? random.nextInt(12_000) * MILLI : STEP);
            // A loop may ask before anything else of this process runs again, and between any two of its steps.
            assertThat(isPermitted() && coordinator.gaveAway).isFalse();
            membership.turn();
            assertThat(isPermitted() && coordinator.gaveAway).isFalse();
            changes.tell(follower);
            assertThat(isPermitted() && coordinator.gaveAway).isFalse();
        }
    }

    @Test
    void answersThatTakeFourSecondsKeepTheLease() {
        coordinator.answerNanos = Duration.ofSeconds(4).toNanos();
        lease.renew(0, 0, 0);
        boolean proven = false;
        while (coordinator.now < Duration.ofSeconds(60).toNanos()) {
            pass();
            proven |= coordinator.now > Duration.ofSeconds(6).toNanos();
            assertThat(isPermitted() || !proven).isTrue();
        }
        assertThat(coordinator.count).as("four a second").isBetween(200, 240);
    }

    @Test
    void aQuickKafkaIsNotAsked() {
        while (coordinator.now < Duration.ofSeconds(60).toNanos()) {
            lease.renew(coordinator.now, coordinator.now, 0);
            for (int i = 0; i < 66; i++) {
                pass();
            }
        }
        assertThat(coordinator.count).isZero();
    }

    @Test
    void aKafkaThatAnswersNothingIsNotAskedWithoutBound() {
        coordinator.requestNanos = Duration.ofDays(1).toNanos();
        lease.renew(0, 0, 0);
        while (coordinator.now < Duration.ofSeconds(60).toNanos()) {
            pass();
        }
        assertThat(coordinator.count).isLessThan(30);
        assertThat(isPermitted()).isFalse();
    }

    @Test
    void itIsAskedWhileTheMemberWaitsForWhatLeaves() throws Exception {
        lease.renew(0, 0, 0);
        coordinator.pass(Duration.ofSeconds(2).toNanos());
        Thread member = new Thread(() -> membership.onPartitionsRevoked(List.of(PARTITION)));
        member.start();
        org.postroad.deliverer.Road.await(() -> coordinator.count > 0);
        changes.over();
        member.join();
    }

    private void pass() {
        coordinator.pass(STEP);
        membership.turn();
        changes.tell(follower);
    }

    private boolean isPermitted() {
        return lease.isHeld(coordinator.now);
    }
}
