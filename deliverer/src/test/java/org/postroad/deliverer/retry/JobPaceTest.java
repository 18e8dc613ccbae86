package org.postroad.deliverer.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;

class JobPaceTest {
    private static final long SECOND = 1_000_000_000L;

    private final JobPace pace = new JobPace();

    @ParameterizedTest
    @CsvSource({
        "0, 4, 4, 9223372036854775807, 0",
        "100, 4, 4, 20, 200",
        "100, 1, 4, 5, 200",
        "4, 4, 4, 1, 250",
        "1, 1, 4, 1, 4000",
        "999999999, 4, 4, 199999999, 199"
    })
    void eachNodeHasItsPartOfTheRate(long rate, int owned, int all, long atOnce, long readyMillis) {
        Job job = job(rate, all);
        long allowed = pace.begin(job, owned(owned));
        assertThat(allowed).isEqualTo(atOnce);
        pace.took(job, allowed, 7);
        if (readyMillis > 0) {
            assertThat(pace.isReady(job, 7 + readyMillis * SECOND / 1_000 - 1)).isFalse();
        }
        assertThat(pace.isReady(job, 8 + (readyMillis + 1) * SECOND / 1_000)).isTrue();
    }

    @Test
    void whatFindsNothingDoesNotWait() {
        Job job = job(1, 1);
        pace.begin(job, owned(1));
        pace.took(job, 0, 7);
        assertThat(pace.isReady(job, 7)).isTrue();
    }

    private static Job job(long rate, int partitions) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        IntStream.range(0, partitions).forEach(number -> ends.put(partition(number), 9L));
        return new Job(
                "000000000001", Job.Action.FLUSH, Selector.of(Map.of("all", "true")), ends, "", "", 0, rate, false);
    }

    private static List<WaitingPartition> owned(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> new WaitingPartition(partition(number), 1, null))
                .toList();
    }

    private static TopicPartition partition(int number) {
        return new TopicPartition("p.held", number);
    }
}
