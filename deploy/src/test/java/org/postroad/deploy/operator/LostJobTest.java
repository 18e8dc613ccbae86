package org.postroad.deploy.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postroad.broker.EmbeddedBroker;
import org.postroad.deliverer.retry.AlreadyLeft;
import org.postroad.schemas.policy.Job;

/** What an operator does when a job's record was removed from the control topic by hand. */
@Tag("broker")
class LostJobTest {
    private static final String LOST = "000000000001";

    @Test
    void nodesGoOnWithoutItWhenItIsForgotten(@TempDir Path directory) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0);
                WrittenTopics written = new WrittenTopics(broker, "lost.")) {
            Jobs jobs = new Jobs(written.cluster, written.schemas, Clock.systemUTC());
            jobs.prepare();
            assertThat(jobs.forget(LOST, "", "")).as("nobody waits for it").isNull();
            TopicPartition one = new TopicPartition(
                    written.topics.retry(Duration.ofSeconds(1)).name(), 0);
            OffsetAndMetadata mark = new OffsetAndMetadata(4, "early1 4 :" + LOST + "@9/2/2");
            try (Admin admin = Admin.create(written.kafka.admin("test"))) {
                admin.alterConsumerGroupOffsets(written.topics.retryGroup(), Map.of(one, mark))
                        .all()
                        .get();
            }
            Job forgotten = Objects.requireNonNull(jobs.forget(LOST, "removed by hand", "me"));
            assertThat(forgotten.ends()).containsExactly(Map.entry(one, 9L));

            Map<Job, JobAccount> standing = jobs.standing();
            assertThat(standing.keySet()).containsExactly(forgotten);
            assertThat(Objects.requireNonNull(standing.get(forgotten)).needed())
                    .as("its record has to stay until the mark has passed")
                    .isTrue();
            AlreadyLeft left = AlreadyLeft.of(4, mark.metadata(), id -> forgotten);
            assertThat(left.unknownJobs(4)).isEmpty();
        }
    }
}
