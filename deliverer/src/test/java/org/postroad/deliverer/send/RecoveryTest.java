package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.Samples;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.schemas.Envelope;

class RecoveryTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long BACK = 1_000_000;

    private final List<RecoveryNotice> called = new ArrayList<>();
    private final Recovery recovery = new Recovery("a.test", called::add);

    @Test
    void callsTheNextPortionWhenMostOfTheLastHasLeftAndEndsWhenNoneWasFull() {
        recovery.begin(0, BACK);
        assertThat(called).containsExactly(notice(BACK, BACK, 0, Recovery.MANY));
        recovery.callMore(0, SECOND, BACK + 1_000);
        assertThat(called).as("nothing has come").hasSize(1);
        assertThat(recovery.mayBeMore(SECOND)).isFalse();
        come(Recovery.FULL);
        assertThat(recovery.mayBeMore(SECOND)).as("it must stay awake to call").isTrue();
        recovery.callMore(Recovery.NEARLY_EMPTY, SECOND, BACK + 1_000);
        assertThat(called).as("enough waits").hasSize(1);
        recovery.callMore(Recovery.NEARLY_EMPTY - 1, SECOND - 1, BACK + 999);
        assertThat(called).as("the last was called a moment ago").hasSize(1);
        recovery.callMore(Recovery.NEARLY_EMPTY - 1, SECOND, BACK + 1_000);
        assertThat(called).hasSize(2).last().isEqualTo(notice(BACK, BACK + 1_000, 1, Recovery.MANY));
        come(Recovery.FULL - 1);
        recovery.callMore(0, 100 * SECOND, BACK + 100_000);
        assertThat(called).hasSize(2);
    }

    @Test
    void newMailIsNoSignOfMore() {
        recovery.begin(0, BACK);
        for (int i = 0; i < Recovery.FULL; i++) {
            recovery.came(due(0));
        }
        recovery.callMore(0, SECOND, BACK + 1_000);
        assertThat(called).hasSize(1);
    }

    @Test
    void withoutARecoveryEarlyMailCallsNothing() {
        come(Recovery.FULL);
        recovery.callMore(0, SECOND, BACK);
        assertThat(called).isEmpty();
    }

    @Test
    void oneThatComesAndGoesCallsItsMailOnceAMinute() {
        for (int second = 0; second < 180; second++) {
            recovery.begin(second * SECOND, BACK + second * 1_000L);
        }
        assertThat(called).extracting(RecoveryNotice::sinceMillis).containsExactly(BACK, BACK + 60_000, BACK + 120_000);
    }

    @Test
    void afterAGreetingAFewAreCalledAndAllWhenOneOfThemIsAnswered() {
        assertThat(recovery.mayBegin(false)).as("it was not dead").isFalse();
        recovery.greeted(0, BACK);
        recovery.greeted(SECOND, BACK + 1_000);
        assertThat(called).containsExactly(notice(BACK, BACK, 0, Recovery.FEW));
        come(1);
        assertThat(recovery.mayBegin(false)).isTrue();
        recovery.begin(2 * SECOND, BACK + 2_000);
        assertThat(called).hasSize(2).last().isEqualTo(notice(BACK + 2_000, BACK + 2_000, 0, Recovery.MANY));
    }

    private void come(int mails) {
        for (int i = 0; i < mails; i++) {
            recovery.came(due(BACK - 10));
        }
    }

    private static RecoveryNotice notice(long since, long at, int portion, int records) {
        return new RecoveryNotice("a.test", since, at, portion, records);
    }

    private static Envelope due(long millis) {
        return Samples.envelope(Samples.queueId(1), millis, Samples.recipient("a@a.test"));
    }
}
