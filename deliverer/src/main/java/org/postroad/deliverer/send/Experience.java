package org.postroad.deliverer.send;

import org.postroad.deliverer.address.RideTrust;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.fate.AboutUs;
import org.postroad.deliverer.fate.FailurePolicy;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Transaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a destination has learned from its transactions: whether it wants us; and what they teach of the exchanger: how many
 * at once, whether riding works there.
 */
final class Experience {
    private static final Logger LOG = LoggerFactory.getLogger(Experience.class);

    /** So many dialogs in a row that ended in what is no SMTP are no accident. */
    static final int MALFORMED_RUN = 5;

    /** So many messages in a row whose end was not answered: each may arrive again. */
    static final int DOUBT_RUN = 3;

    private final String destination;
    private final SendMetrics metrics;
    private final SourceStanding standing;
    private int refusedRun;
    private int certainRun;
    private int malformedRun;
    private int doubtRun;
    private boolean suspended;

    Experience(String destination, SendMetrics metrics, SourceStanding standing) {
        this.destination = destination;
        this.metrics = metrics;
        this.standing = standing;
    }

    /** Messages refused in a row for what we are. */
    int refusedRun() {
        return refusedRun;
    }

    /** @param window of the exchangers whose transaction it was */
    void learn(
            ConcurrencyWindow window, Transaction ended, FailurePolicy.Judgement judgement, RideTrust rides, long now) {
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
        learnOfRiding(ended, rides, now);
        learnOfReplies(window, ended, now);
        learnOfUs(window, judgement, now);
    }

    /** An answer that is one more refusal of us opens nothing: the next probe waits longer than the last. */
    private boolean isSuspended(FailurePolicy.Judgement judgement) {
        return judgement.aboutUs() && suspended;
    }

    /** A connection could not be opened: it may have said why, in words about us or in words that are no reply. */
    void notOpened(ConcurrencyWindow window, Breakdown why, long now) {
        if (why.kind() == Breakdown.Kind.GARBAGE) {
            malformed(window, why.detail(), now);
        }
        boolean permanent = why.reply() != null && why.reply().isPermanent() && AboutUs.isSaidBy(why.reply());
        if (permanent || why.kind() == Breakdown.Kind.GARBAGE && AboutUs.isSaidIn(why.detail())) {
            standing.refusedBy(destination, why.detail(), now);
        }
    }

    private void learnOfReplies(ConcurrencyWindow window, Transaction ended, long now) {
        Breakdown why = ended.breakdown();
        if (why == null) {
            malformedRun = 0;
            doubtRun = ended.isDotSent() ? 0 : doubtRun;
            return;
        }
        if (why.kind() == Breakdown.Kind.GARBAGE) {
            malformed(window, why.detail(), now);
        }
        if (ended.isDotSent() && ended.dotReply() == null && ++doubtRun == DOUBT_RUN) {
            LOG.atError()
                    .addKeyValue("destination", destination)
                    .log("ALARM: does not answer the end of the content; its mail may arrive twice: {}", why.detail());
        }
    }

    private void malformed(ConcurrencyWindow window, String detail, long now) {
        malformedRun++;
        if (malformedRun == MALFORMED_RUN) {
            metrics.suspended();
            LOG.atError()
                    .addKeyValue("destination", destination)
                    .log("ALARM: speaks no SMTP, dialog after dialog: {}", detail);
        }
        if (malformedRun >= MALFORMED_RUN) {
            window.suspend(now);
        }
    }

    private void learnOfRiding(Transaction ended, RideTrust rides, long now) {
        Breakdown why = ended.breakdown();
        if (why == null) {
            rides.clean();
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
            rides.odd(now);
            LOG.atInfo()
                    .addKeyValue("destination", destination)
                    .log("no message rides with a dot for a day: {}", why.detail());
        }
    }

    private void learnOfUs(ConcurrencyWindow window, FailurePolicy.Judgement judgement, long now) {
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
        boolean believed =
                sourceDoubted || certainRun >= FailurePolicy.CERTAIN_RUN || refusedRun >= FailurePolicy.SUSPICIOUS_RUN;
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
