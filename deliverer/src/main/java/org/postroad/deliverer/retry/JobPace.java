package org.postroad.deliverer.retry;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.postroad.schemas.policy.Job;

/**
 * When jobs that have a rate go on. The rate is that of all nodes together, so each has the part of it that it has of the job's partitions:
 * nobody has to ask another. Confined to the retry reader's thread.
 */
final class JobPace {
    private static final double NANOS = 1e9;

    /** So many turns a second, if the rate has as many messages. */
    private static final int TURNS = 5;

    private final Map<String, Double> perSecond = new HashMap<>();
    private final Map<String, Long> readyNanos = new HashMap<>();

    /** How many messages a job may take at once, when it begins in one of the partitions that this node owns. */
    long begin(Job job, Collection<WaitingPartition> owned) {
        if (job.rate() == 0) {
            return Long.MAX_VALUE;
        }
        long its =
                owned.stream().filter(waiting -> job.end(waiting.partition) > 0).count();
        double share = (double) job.rate() * its / Math.max(1, job.ends().size());
        perSecond.put(job.id(), share);
        return Math.max(1, (long) (share / TURNS));
    }

    /** It has taken so many, and waits for as long as they take at its rate. */
    void took(Job job, long messages, long nowNanos) {
        Double share = perSecond.get(job.id());
        if (share != null && share > 0) {
            readyNanos.put(job.id(), nowNanos + (long) (messages / share * NANOS));
        }
    }

    boolean isReady(Job job, long nowNanos) {
        Long ready = readyNanos.get(job.id());
        return ready == null || nowNanos - ready >= 0;
    }

    void forget(String id) {
        perSecond.remove(id);
        readyNanos.remove(id);
    }
}
