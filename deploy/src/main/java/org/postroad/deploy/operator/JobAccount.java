package org.postroad.deploy.operator;

import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.retry.JobShares;
import org.postroad.schemas.policy.Job;

/**
 * How far a job has come, by what the owners of its partitions have committed.
 *
 * @param toLookAt records that nobody has looked at for it yet, those that have left by themselves not among them
 * @param messages of which it has disposed
 * @param recipients of these
 * @param cancelled whether nothing more is done of it
 * @param expired whether it is too old for that
 * @param needed whether what it has taken is behind some mark yet, so that its record has to stay
 */
public record JobAccount(
        long toLookAt, long messages, long recipients, boolean cancelled, boolean expired, boolean needed) {
    /** Adds up what each partition's mark says. */
    static JobAccount of(Job job, Map<TopicPartition, OffsetAndMetadata> marks, long nowMillis) {
        long toLookAt = 0;
        long messages = 0;
        long recipients = 0;
        boolean needed = false;
        for (Map.Entry<TopicPartition, Long> end : job.ends().entrySet()) {
            OffsetAndMetadata mark = marks.get(end.getKey());
            long passed = mark == null ? 0 : mark.offset();
            JobShares.@Nullable Share share = mark == null
                    ? null
                    : JobShares.of(passed, mark.metadata(), id -> null).shares().get(job.id());
            long below = share == null ? 0 : share.below();
            toLookAt += Math.max(0, end.getValue() - Math.max(passed, below));
            messages += share == null ? 0 : share.messages();
            recipients += share == null ? 0 : share.recipients();
            needed |= below > passed;
        }
        return new JobAccount(toLookAt, messages, recipients, job.isCancelled(), job.isExpired(nowMillis), needed);
    }

    /** Whether every owner has come to the end. */
    public boolean isDone() {
        return toLookAt == 0;
    }

    /** Whether nothing more is done of it. */
    public boolean isOver() {
        return isDone() || cancelled || expired;
    }

    /** Done, cancelled, expired: a day was not enough; or running: its deliverers are at it, or there are none. */
    public String state() {
        return isDone() ? "done" : cancelled ? "cancelled" : expired ? "expired" : "running";
    }
}
