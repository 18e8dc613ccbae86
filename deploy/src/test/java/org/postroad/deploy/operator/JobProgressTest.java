package org.postroad.deploy.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;

class JobProgressTest {
    private static final TopicPartition HELD = new TopicPartition("held", 0);
    private static final TopicPartition RETRY = new TopicPartition("retry.5m", 0);
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final Job job = job(2, HELD);
    private final JobProgress progress = new JobProgress(job, account(0), 0);

    @Test
    void oneThatGoesOnIsWaitedFor() {
        progress.is(account(0), MINUTE - 1);
        assertThat(progress.standsStill(MINUTE - 1)).isFalse();
        progress.is(account(1), MINUTE - 1);
        assertThat(progress.standsStill(2 * MINUTE - 2)).isFalse();
        assertThat(progress.standsStill(2 * MINUTE - 1)).isTrue();
        assertThat(progress.behind()).isNull();
    }

    @Test
    void oneBehindAnotherWaitsAsLongAsThatGoesOn() {
        Job other = job(1, HELD);
        progress.stand(Map.of(job, account(0), other, account(1)), MINUTE - 2);
        assertThat(progress.behind()).as("it may stand still").isNull();
        progress.stand(Map.of(job, account(0), other, account(2)), MINUTE - 1);
        assertThat(progress.behind()).isEqualTo(other.id());
        assertThat(progress.standsStill(MINUTE)).isFalse();
        progress.is(account(0), MINUTE);
        assertThat(progress.standsStill(2 * MINUTE - 1))
                .as("since the other went on")
                .isTrue();
        progress.is(account(1), 2 * MINUTE);
        assertThat(progress.behind()).as("its turn has come").isNull();
    }

    @Test
    void oneOfOtherPartitionsIsInNobodysWay() {
        Job other = job(1, RETRY);
        progress.stand(Map.of(other, account(1)), 1);
        progress.stand(Map.of(other, account(2)), 2);
        assertThat(progress.behind()).isNull();
        assertThat(progress.standsStill(MINUTE)).isTrue();
    }

    @Test
    void oneOfYesterdayIsOverWhetherOrNotItIsDone() {
        Map<TopicPartition, OffsetAndMetadata> marks = Map.of(HELD, new OffsetAndMetadata(3));
        long day = Job.DONE_WITHIN.toMillis();
        assertThat(JobAccount.of(job, marks, day - 1).state()).isEqualTo("running");
        assertThat(JobAccount.of(job, marks, day).state()).isEqualTo("expired");
        assertThat(JobAccount.of(job, marks, day).isOver()).isTrue();
        assertThat(JobAccount.of(job, Map.of(HELD, new OffsetAndMetadata(10)), day)
                        .state())
                .isEqualTo("done");
        assertThat(JobAccount.of(job.cancelled(), marks, day).state()).isEqualTo("cancelled");
    }

    private static JobAccount account(long messages) {
        return new JobAccount(10, messages, messages, false, false, true);
    }

    private static Job job(int number, TopicPartition partition) {
        return new Job(
                String.format("%012d", number),
                Job.Action.RELEASE,
                Selector.of(Map.of("all", "true")),
                Map.of(partition, 10L),
                "",
                "",
                0);
    }
}
