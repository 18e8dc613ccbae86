package org.postroad.deploy.operator;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.postroad.schemas.KnownSchemas;

/**
 * What every node does now and then so that the ledger stays exact when events are deleted: counts those that nobody has counted
 * yet, and brings the balance forward.
 *
 * <p>Only what is an hour old: in that time it has long been decided, and a cluster under load is not read while it writes. Each look
 * goes on where the last one of any node stopped, so that events are read about once, however many nodes there are. Confined to one
 * thread, which it blocks.
 */
public final class CarryForward {
    /** A month younger than what is deleted. */
    static final Duration AGE = Duration.ofHours(1);

    /** Between two looks of a node, half of it at least: nodes that were started together should not all read the same. */
    private static final Duration LOOK_EVERY = Duration.ofMinutes(10);

    /** Offsets of one turn, so that it takes seconds. */
    static final long MOST = 500_000;

    private final Cluster cluster;
    private final BroughtForward brought;
    private final Random random;
    private long nextLookMillis;

    public CarryForward(Cluster cluster, Random random) {
        this.cluster = cluster;
        this.brought = new BroughtForward(cluster.kafka(), cluster.topics(), new KnownSchemas());
        this.random = random;
    }

    /**
     * Looks, when it is time.
     *
     * @param nowMillis milliseconds since 1970
     */
    public void turn(long nowMillis) {
        if (nowMillis < nextLookMillis) {
            return;
        }
        long half = LOOK_EVERY.toMillis() / 2;
        nextLookMillis = nowMillis + half + random.nextInt((int) half);
        FateCount fates = new FateCount(cluster.kafka(), brought.read().sums());
        Map<TopicPartition, Span> committed =
                cluster.committedSpans(cluster.topics().events().name());
        fates.noteGaps(committed);
        Map<TopicPartition, Span> uncounted = uncounted(fates.sums(), committed, nowMillis);
        Map<TopicPartition, Span> part = upTo(MOST, uncounted);
        fates.read(part, () -> {});
        brought.write(fates.sums(), nowMillis);
        if (!part.equals(uncounted)) {
            nextLookMillis = nowMillis;
        }
    }

    /** What was written an hour ago and is not counted. */
    private Map<TopicPartition, Span> uncounted(
            Map<TopicPartition, EventSum> sums, Map<TopicPartition, Span> committed, long nowMillis) {
        Map<TopicPartition, Long> young =
                cluster.offsets(committed.keySet(), OffsetSpec.forTimestamp(Math.max(0, nowMillis - AGE.toMillis())));
        Map<TopicPartition, Span> uncounted = new HashMap<>();
        committed.forEach((partition, span) -> {
            EventSum sum = sums.get(partition);
            long end = young.getOrDefault(partition, -1L);
            // A negative offset: nothing is as young as that.
            uncounted.put(
                    partition,
                    new Span(sum == null ? span.from() : sum.offset(), end < 0 ? span.to() : Math.min(end, span.to())));
        });
        uncounted.values().removeIf(Span::isEmpty);
        return uncounted;
    }

    /** As many offsets of them. */
    static Map<TopicPartition, Span> upTo(long most, Map<TopicPartition, Span> spans) {
        Map<TopicPartition, Span> part = new HashMap<>();
        long room = most;
        for (Map.Entry<TopicPartition, Span> entry : spans.entrySet()) {
            Span span = entry.getValue();
            Span taken = new Span(span.from(), Math.min(span.to(), span.from() + room));
            if (!taken.isEmpty()) {
                part.put(entry.getKey(), taken);
                room -= taken.count();
            }
        }
        return part;
    }
}
