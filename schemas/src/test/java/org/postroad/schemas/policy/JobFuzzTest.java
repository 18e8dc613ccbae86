package org.postroad.schemas.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.postroad.schemas.Policy;

/** What a job says on the control topic, a {@code name=value} a line. */
class JobFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void whatIsUnderstoodIsTheSameWrittenAgain(byte[] octets) {
        Policy record = new Policy(Job.ASPECT, "01ABCDEFGHJK", PolicyWordsFuzzTest.words(octets), "why", "who", 7L);
        try {
            Job job = Job.of(record);
            assertThat(job).isNotNull();
            isTheSame(job);
            isTheSame(job.cancelled());
            assertThat(job.rate()).isNotNegative();
            job.ends().forEach((partition, end) -> {
                assertThat(partition.partition()).isNotNegative();
                assertThat(end).isNotNegative().isEqualTo(job.end(partition));
                assertThat(job.isIn(partition.topic())).isTrue();
            });
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }

    private static void isTheSame(Job job) {
        assertThat(Job.of(job.toRecord())).isEqualTo(job);
    }
}
