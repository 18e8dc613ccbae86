package org.postroad.deliverer.poll;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.postroad.deliverer.commit.Assignments;
import org.postroad.deliverer.commit.CommitCycle;
import org.postroad.deliverer.commit.OwnedPartition;
import org.postroad.deliverer.delivery.Dispatch;

/**
 * The partitions that are leaving this node: each stays until what is past its final dot has been answered and committed, or its time
 * is up.
 *
 * <pre>
 *   DRAINING --all came back--------------------------> COMMITTING --committed, or limit--> gone
 *      |                                                     ^
 *      `--drain limit--> ABANDONED --all came back, or 2 s --'
 * </pre>
 *
 * Confined to the poller's thread.
 */
final class Departures {
    /** What was abandoned comes back at once; this is for loops that are busy. */
    private static final Duration ABANDONED_LIMIT = Duration.ofSeconds(2);

    /** As long as the longest transaction: what is not committed is sent again by the next owner, and nothing else waits for it. */
    static final Duration LAST_COMMIT_LIMIT = Duration.ofSeconds(60);

    /** A node that is told to end has no such time. */
    static final Duration LAST_COMMIT_LIMIT_AT_END = Duration.ofSeconds(20);

    private final Assignments assignments;
    private final CommitCycle commits;
    private final Dispatch dispatch;
    private final Duration drainLimit;
    private final List<Departure> open = new ArrayList<>();
    private final List<Awaited> awaited = new ArrayList<>();

    private enum Stage {
        DRAINING,
        ABANDONED,
        COMMITTING
    }

    /** One partition's way out. */
    private static final class Departure {
        final OwnedPartition partition;
        final Duration commitLimit;
        Stage stage = Stage.DRAINING;
        long sinceNanos;

        Departure(OwnedPartition partition, Duration commitLimit, long nowNanos) {
            this.partition = partition;
            this.commitLimit = commitLimit;
            this.sinceNanos = nowNanos;
        }

        void enter(Stage next, long nowNanos) {
            stage = next;
            sinceNanos = nowNanos;
        }

        boolean isOver(Duration limit, long nowNanos) {
            return nowNanos - sinceNanos >= limit.toNanos();
        }
    }

    /** Who waits until these have left. */
    private record Awaited(Collection<TopicPartition> partitions, Runnable gone) {}

    Departures(Assignments assignments, CommitCycle commits, Dispatch dispatch, Duration drainLimit) {
        this.assignments = assignments;
        this.commits = commits;
        this.dispatch = dispatch;
        this.drainLimit = drainLimit;
    }

    /**
     * Nothing more of these is started; those that leave already go on leaving.
     *
     * @param commitLimit how long their last commit may take
     */
    void begin(Collection<TopicPartition> partitions, Duration commitLimit, long nowNanos) {
        List<OwnedPartition> fresh =
                assignments.where(owned -> !owned.isLeaving() && partitions.contains(owned.partition));
        for (OwnedPartition owned : fresh) {
            owned.leave();
            open.add(new Departure(owned, commitLimit, nowNanos));
        }
        if (!fresh.isEmpty()) {
            dispatch.revoke(fresh.stream().map(owned -> owned.partition).collect(Collectors.toSet()));
        }
    }

    /** Runs when none of these is this node's any more. */
    void whenGone(Collection<TopicPartition> partitions, Runnable gone) {
        awaited.add(new Awaited(partitions, gone));
    }

    /** Moves each on as far as it is; those that have left are no longer assigned. */
    void proceed(long nowNanos) {
        open.removeIf(departure -> proceed(departure, nowNanos));
        awaited.removeIf(one -> {
            boolean gone = one.partitions().stream().allMatch(partition -> assignments.get(partition) == null);
            if (gone) {
                one.gone().run();
            }
            return gone;
        });
    }

    /** True when it is gone. */
    private boolean proceed(Departure departure, long nowNanos) {
        OwnedPartition owned = departure.partition;
        Set<TopicPartition> partition = Set.of(owned.partition);
        if (assignments.get(owned.partition) != owned) {
            return true; // lost meanwhile
        }
        if (departure.stage == Stage.DRAINING && owned.started() > 0 && departure.isOver(drainLimit, nowNanos)) {
            dispatch.abandon(partition);
            departure.enter(Stage.ABANDONED, nowNanos);
        }
        boolean waitedEnough = departure.stage == Stage.ABANDONED && departure.isOver(ABANDONED_LIMIT, nowNanos);
        if (departure.stage != Stage.COMMITTING && (owned.started() == 0 || waitedEnough)) {
            departure.enter(Stage.COMMITTING, nowNanos);
        }
        boolean gone = departure.stage == Stage.COMMITTING
                && (!commits.hasUncommitted(partition) || departure.isOver(departure.commitLimit, nowNanos));
        if (gone) {
            assignments.remove(partition);
        }
        return gone;
    }
}
