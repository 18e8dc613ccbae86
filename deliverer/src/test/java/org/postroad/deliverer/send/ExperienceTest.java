package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.address.RideTrust;
import org.postroad.deliverer.fate.FailurePolicy;
import org.postroad.deliverer.fate.ReplySource;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Step;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.deliverer.smtp.Transactions;

class ExperienceTest {
    private static final ReplySource WORDS = new ReplySource("mx.test[192.0.2.1]:25", 0);

    private final ConcurrencyWindow window = new ConcurrencyWindow(10, new Random(1), 0);
    private final Experience experience =
            new Experience("example.test", new SendMetrics(new CollectorRegistry()), new SourceStanding());
    private final RideTrust rides = new RideTrust();

    @Test
    void probesOfAnExchangerThatRefusesUsComeAtGrowingIntervals() {
        for (int i = 0; i < FailurePolicy.SUSPICIOUS_RUN; i++) {
            refused(0);
        }
        assertThat(window.isClosed()).isTrue();
        assertThat(window.probeDelayNanos()).isEqualTo(ConcurrencyWindow.FIRST_PROBE_NANOS);
        long now = 0;
        for (int i = 0; i < 10; i++) {
            now += ConcurrencyWindow.LAST_PROBE_NANOS;
            refused(now);
            assertThat(window.isClosed()).isTrue();
        }
        assertThat(window.probeDelayNanos()).isEqualTo(ConcurrencyWindow.LAST_PROBE_NANOS);
        learn(Transactions.answered(1, "250 a", "250 b", "354 c", "!", "250 d"), now);
        assertThat(window.isClosed()).isFalse();
        assertThat(experience.refusedRun()).isZero();
    }

    @Test
    void wordsAboutUsSuspendAfterAFewAndAfterOneWhereOthersAgree() {
        for (int i = 0; i < FailurePolicy.CERTAIN_RUN; i++) {
            assertThat(window.isClosed()).isFalse();
            learn(Transactions.answered(1, "250 a", "504 5.5.2 <x>: Helo command rejected: need fqdn", "503 c"), 0);
        }
        assertThat(window.isClosed()).isTrue();
        SourceStanding standing = new SourceStanding();
        for (int i = 0; i < SourceStanding.AGREEING; i++) {
            assertThat(standing.isDoubted(0)).isFalse();
            standing.refusedBy("d" + i, "listed", 0);
        }
        assertThat(standing.isDoubted(0)).isTrue();
        assertThat(standing.isDoubted(SourceStanding.REMEMBERED_NANOS)).isFalse();
    }

    @Test
    void whatIsNoSmtpDialogAfterDialogSuspends() {
        Breakdown garbage = Breakdown.of(Breakdown.Kind.GARBAGE, Step.BANNER, "a line that is no reply; it said: hi");
        for (int i = 0; i < Experience.MALFORMED_RUN; i++) {
            assertThat(window.isClosed()).isFalse();
            experience.notOpened(window, garbage, 0);
        }
        assertThat(window.isClosed()).isTrue();
    }

    @Test
    void whoForgetsOrMiscountsARidersCommandsGetsNoMoreRiders() {
        Breakdown silence = Breakdown.of(Breakdown.Kind.TIMEOUT, Step.MAIL, "silence");
        Breakdown garbage = Breakdown.of(Breakdown.Kind.GARBAGE, Step.DATA, "the reply 250 to DATA");
        for (Breakdown odd : new Breakdown[] {silence, garbage}) {
            earn();
            learn(Transactions.broken(Transactions.ridden(Transactions.answered(1)), odd), 0);
            assertThat(rides.isAllowed(0)).isFalse();
            for (int i = 0; i < RideTrust.CLEAN_MESSAGES; i++) {
                rides.clean();
            }
            assertThat(rides.isAllowed(RideTrust.PENALTY_NANOS - 1)).isFalse();
            assertThat(rides.isAllowed(RideTrust.PENALTY_NANOS)).isTrue();
        }
    }

    @Test
    void whoClosesAfterAnAnswerOrTakesLongWithTheContentKeepsThem() {
        earn();
        Breakdown closed = Breakdown.of(Breakdown.Kind.LOST, Step.MAIL, "closed");
        learn(Transactions.broken(Transactions.ridden(Transactions.answered(1)), closed), 0);
        Breakdown slow = Breakdown.of(Breakdown.Kind.TIMEOUT, Step.DOT, "slow");
        Transaction pastTheDot = Transactions.ridden(Transactions.answered(1, "250 a", "250 b", "354 c", "!"));
        learn(Transactions.broken(pastTheDot, slow), 0);
        assertThat(rides.isAllowed(0)).isTrue();
    }

    private void earn() {
        for (int i = 0; i < RideTrust.CLEAN_MESSAGES; i++) {
            learn(Transactions.answered(1, "250 a", "250 b", "354 c", "!", "250 d"), RideTrust.PENALTY_NANOS);
        }
        assertThat(rides.isAllowed(RideTrust.PENALTY_NANOS)).isTrue();
    }

    private void refused(long now) {
        learn(Transactions.answered(1, "550 5.7.1 not you", "503 b", "503 c"), now);
    }

    private void learn(Transaction ended, long now) {
        FailurePolicy.Circumstances circumstances =
                new FailurePolicy.Circumstances(WORDS, false, true, experience.refusedRun());
        experience.learn(window, ended, FailurePolicy.judge(ended, circumstances), rides, now);
    }
}
