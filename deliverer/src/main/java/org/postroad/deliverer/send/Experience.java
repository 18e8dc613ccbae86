package org.postroad.deliverer.send;

import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.deliverer.work.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a destination has learned from its transactions: whether it wants us; and what they teach of the exchanger: how many
 * at once, whether riding works there.
 */
final class Experience {
    private static final Logger LOG = LoggerFactory.getLogger(Experience.class);

    private final String destination;
    private final SendMetrics metrics;
    private int refusedRun;

    Experience(String destination, SendMetrics metrics) {
        this.destination = destination;
        this.metrics = metrics;
    }

    /** Messages refused in a row for what we are. */
    int refusedRun() {
        return refusedRun;
    }

    /** @param window of the exchangers whose transaction it was */
    void learn(
            ConcurrencyWindow window,
            Transaction ended,
            FailurePolicy.Judgement judgement,
            DotCrossing crossing,
            long now) {
        switch (judgement.lesson()) {
            case ANSWERED -> {
                if (!isSuspended(judgement)) {
                    window.answered(now);
                }
            }
            case THROTTLED -> window.throttled(now);
            case FAILED -> {
                if (judgement.rest() == FailurePolicy.Rest.NONE) {
                    window.failed(now);
                }
            }
            case NOTHING -> {}
        }
        learnOfCrossing(ended, crossing, now);
        learnOfUs(window, judgement, now);
    }

    /** An answer that is one more refusal of us opens nothing: the next probe waits longer than the last. */
    private boolean isSuspended(FailurePolicy.Judgement judgement) {
        return judgement.aboutUs() && refusedRun >= FailurePolicy.SUSPICIOUS_RUN;
    }

    private void learnOfCrossing(Transaction ended, DotCrossing crossing, long now) {
        Breakdown why = ended.breakdown();
        if (why == null) {
            crossing.clean();
            return;
        }
        // An exchanger may close after any reply; what it must not do is to forget or to miscount commands.
        boolean odd =
                switch (why.kind()) {
                    case LOST -> ended.isRiding();
                    case TIMEOUT -> ended.hasRidden() && !ended.isDotSent();
                    case GARBAGE -> true;
                    default -> false;
                };
        if (odd) {
            crossing.odd(now);
            LOG.atInfo()
                    .addKeyValue("destination", destination)
                    .log("no message rides with a dot for a day: {}", why.detail());
        }
    }

    private void learnOfUs(ConcurrencyWindow window, FailurePolicy.Judgement judgement, long now) {
        if (!judgement.aboutUs()) {
            boolean delivered = judgement.outcomes().stream().anyMatch(Outcome.Delivered.class::isInstance);
            refusedRun = delivered ? 0 : refusedRun;
            return;
        }
        refusedRun++;
        if (refusedRun == FailurePolicy.SUSPICIOUS_RUN) {
            metrics.suspended();
            LOG.atError()
                    .addKeyValue("destination", destination)
                    .log("ALARM: refuses us message after message; deferring instead of bouncing");
        }
        if (refusedRun >= FailurePolicy.SUSPICIOUS_RUN) {
            window.suspend(now);
        }
    }
}
