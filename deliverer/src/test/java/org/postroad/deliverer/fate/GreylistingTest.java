package org.postroad.deliverer.fate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deliverer.Samples;
import org.postroad.schemas.LastReply;

class GreylistingTest {
    private static final LastReply GREY = Samples.reply(451, "4.7.1", "Greylisting in action, please come back later");
    private static final LastReply FULL = Samples.reply(452, "4.2.2", "mailbox full");

    /** As servers say it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "450 | 4.2.0 | <a@b.test>: Recipient address rejected: Greylisted, see http://postgrey.test/help/b.test | true",
                "450 | 4.7.1 | <a@b.test>: Recipient address rejected: Service unavailable, try again                   | true",
                "451 | 4.7.1 | Try again later                                         | true",
                "451 | 4.7.1 | Greylisting in action, please come back in 00:05:00     | true",
                "451 | 4.3.0 | You've been graylisted, try later                       | true",
                "451 | 4.0.0 | Temporary failure, please try again later.              | true",
                "451 | 4.2.0 | please try again in 300 seconds                         | true",
                "450 | 4.2.0 | mailbox busy                                            | false",
                "451 | 4.3.0 | not now                                                 | false",
                "451 | 4.4.3 | the exchangers' addresses are not known now             | false",
                "452 | 4.7.1 | too many recipients                                     | false",
                "421 | 4.7.0 | slow down                                               | false",
                "550 | 5.7.1 | greylisted                                              | false",
            })
    void isRecognized(int code, String status, String text, boolean is) {
        assertThat(Greylisting.isSaidIn(Samples.reply(code, status, text))).isEqualTo(is);
    }

    @Test
    void theFirstGreylistingHasAShortWaitBeforeTheSchedule() {
        RetryPolicy policy = policy(5, 15, 60);
        assertThat(minutes(policy, 1, GREY, null)).isEqualTo(1);
        assertThat(minutes(policy, 2, GREY, GREY)).as("the schedule begins").isEqualTo(5);
        assertThat(minutes(policy, 3, GREY, GREY)).isEqualTo(15);
        assertThat(minutes(policy, 9, GREY, GREY)).isEqualTo(60);
        assertThat(minutes(policy, 1, FULL, null)).isEqualTo(5);
        assertThat(minutes(policy, 2, GREY, FULL)).as("only at first").isEqualTo(15);
        assertThat(minutes(policy, 2, FULL, GREY)).isEqualTo(5);
    }

    @Test
    void isNeverLongerThanTheSchedule() {
        RetryPolicy policy = new RetryPolicy(List.of(Duration.ofSeconds(10)));
        assertThat(policy.dueAfterReply(0, 1, GREY, null)).isEqualTo(10_000);
    }

    private static RetryPolicy policy(int... minutes) {
        return new RetryPolicy(
                java.util.Arrays.stream(minutes).mapToObj(Duration::ofMinutes).toList());
    }

    private static long minutes(RetryPolicy policy, int attempts, LastReply reply, @Nullable LastReply before) {
        return policy.dueAfterReply(0, attempts, reply, before) / 60_000;
    }
}
