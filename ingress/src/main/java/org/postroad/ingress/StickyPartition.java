package org.postroad.ingress;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The content partition that all sessions of a node write to for a while: chunks of many messages then share an append, and
 * an append is what costs Kafka its time and a single broker its fsync.
 *
 * <p>Shared by all event loops.
 */
final class StickyPartition {
    /** After so many octets the next partition's turn comes: some batches, so that a cluster's leaders share the load. */
    static final long STAY_OCTETS = 4L << 20;

    private final int partitions;
    private final AtomicLong octets;

    /** @param first where it begins, so that many nodes do not all write to the same one */
    StickyPartition(int partitions, int first) {
        this.partitions = partitions;
        this.octets = new AtomicLong(first * STAY_OCTETS);
    }

    int current() {
        return (int) (octets.get() / STAY_OCTETS % partitions);
    }

    void wrote(long more) {
        octets.addAndGet(more);
    }

    /** A partition that failed is left at once, unless it was left already. */
    void leave(int partition) {
        octets.updateAndGet(
                now -> now / STAY_OCTETS % partitions == partition ? (now / STAY_OCTETS + 1) * STAY_OCTETS : now);
    }
}
