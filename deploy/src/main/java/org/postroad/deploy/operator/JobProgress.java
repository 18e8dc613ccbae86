package org.postroad.deploy.operator;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.policy.Job;

/**
 * Whether it is worth while to wait for a job: it goes on, or another one does that the same deliverers are at, since each does one after
 * the other. Time is an argument. Confined to one thread.
 */
public final class JobProgress {
    /** A deliverer that dies is replaced sooner. */
    public static final Duration STANDSTILL = Duration.ofSeconds(60);

    private final Job job;
    private final Map<String, JobAccount> others = new HashMap<>();
    private JobAccount account;
    private long changedNanos;
    private @Nullable String behind;

    public JobProgress(Job job, JobAccount account, long nowNanos) {
        this.job = job;
        this.account = account;
        this.changedNanos = nowNanos;
    }

    /** How far it is. */
    public void is(JobAccount now, long nowNanos) {
        if (!now.equals(account)) {
            account = now;
            changedNanos = nowNanos;
            behind = null;
        }
    }

    /** How far all are that stand. */
    public void stand(Map<Job, JobAccount> standing, long nowNanos) {
        standing.forEach((other, its) -> {
            JobAccount before = others.put(other.id(), its);
            boolean sharesPartitions = other.ends().keySet().stream().anyMatch(job.ends()::containsKey);
            if (before != null
                    && !its.equals(before)
                    && sharesPartitions
                    && !other.id().equals(job.id())) {
                changedNanos = nowNanos;
                behind = other.id();
            }
        });
    }

    public JobAccount account() {
        return account;
    }

    /** The job that went on while this one did not; null when there is none. */
    public @Nullable String behind() {
        return behind;
    }

    /** Whether none of them has gone on for long. */
    public boolean standsStill(long nowNanos) {
        return nowNanos - changedNanos >= STANDSTILL.toNanos();
    }
}
