package org.postroad.deploy.operator;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.Policy;
import org.postroad.schemas.policy.Job;

/**
 * The jobs that stand on the control topic, read when the first is asked for: after the marks whose metadata speaks of them, so that each
 * of those is there. Confined to one thread.
 */
final class StandingJobs {
    private final ControlTopic control;
    private @Nullable Map<String, Job> jobs;

    StandingJobs(ControlTopic control) {
        this.control = control;
    }

    /** By its id; null for one that does not stand there, or that only a newer version can read. */
    @Nullable
    Job known(String id) {
        return all().get(id);
    }

    /** In the order of their issue. */
    Map<String, Job> all() {
        Map<String, Job> read = jobs;
        if (read == null) {
            read = new TreeMap<>();
            for (Policy record : control.read().values()) {
                Job job = parsed(record);
                if (job != null) {
                    read.put(job.id(), job);
                }
            }
            jobs = read;
        }
        return read;
    }

    private static @Nullable Job parsed(Policy record) {
        try {
            return Job.of(record);
        } catch (IllegalArgumentException newer) {
            return null;
        }
    }
}
