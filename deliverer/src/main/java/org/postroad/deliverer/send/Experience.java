package org.postroad.deliverer.send;

import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.deliverer.work.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a destination has learned from its transactions: how many at once, whether it wants us; and what they taught of
 * the exchanger, whether riding works there.
 */
final class Experience {
    private static final Logger LOG = LoggerFactory.getLogger(Experience.class);

    private final String destination;
    private final SendMetrics metrics;
    private final ConcurrencyWindow window;
    private final SourceStanding standing;
    private int refusedRun;
    private int certainRun;
    private boolean suspended;

    Experience(String destination, SendMetrics metrics, ConcurrencyWindow window, SourceStanding standing) {
        this.destination = destination;
        this.metrics = metrics;
        this.window = window;
        this.standing = standing;
    }

    /** Messages refused in a row for what we are. */
    int refusedRun() {
        return refusedRun;
    }

    void learn(Transaction ended, FailurePolicy.Judgement judgement, DotCrossing crossing, long now) {
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
        learnOfUs(judgement, now);
    }

    /** An answer that is one more refusal of us opens nothing: the next probe waits longer than the last. */
    private boolean isSuspended(FailurePolicy.Judgement judgement) {
        return judgement.aboutUs() && suspended;
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
                    case REFUSED -> ended.hasRidden() && why.isOutOfSequence();
                    default -> false;
                };
        if (odd) {
            crossing.odd(now);
            LOG.atInfo()
                    .addKeyValue("destination", destination)
                    .log("no message rides with a dot for a day: {}", why.detail());
        }
    }

    private void learnOfUs(FailurePolicy.Judgement judgement, long now) {
        if (!judgement.aboutUs()) {
            boolean delivered = judgement.outcomes().stream().anyMatch(Outcome.Delivered.class::isInstance);
            if (delivered) {
                refusedRun = 0;
                certainRun = 0;
                suspended = false;
                standing.welcomedBy(destination);
            }
            return;
        }
        refusedRun++;
        boolean sourceDoubted = false;
        if (judgement.usInWords() != null) {
            certainRun++;
            standing.refusedBy(destination, judgement.usInWords().text(), now);
            sourceDoubted = standing.isDoubted(now);
        }
        boolean believed = sourceDoubted
                || certainRun >= FailurePolicy.CERTAIN_RUN
                || refusedRun >= FailurePolicy.SUSPICIOUS_RUN;
        if (believed && !suspended) {
            suspended = true;
            metrics.suspended();
            LOG.atError()
                    .addKeyValue("destination", destination)
                    .log("ALARM: refuses us message after message; deferring instead of bouncing");
        }
        if (suspended) {
            window.suspend(now);
        }
    }
}
