package org.postroad.deliverer.fate;

import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.fate.Fate.Mark;
import org.postroad.deliverer.fate.Fate.Way;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Event.Kind;
import org.postroad.schemas.InDoubt;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Recipient;

/**
 * What becomes of a recipient after an outcome: done, waiting, held or failed.
 *
 * <p>Expiry is judged here and only after a real attempt, so that an outage of ours bounces nothing.
 */
public final class FateJudge {
    /** A message that meets an unforeseen exception this often meets it every time: an operator must look. */
    private static final int FAULTS_BEFORE_HOLD = 5;

    private final RetryPolicy policy;

    public FateJudge(RetryPolicy policy) {
        this.policy = policy;
    }

    /** A fate and the recipient as it travels on. */
    public record Judgement(Fate fate, Recipient recipient) {}

    /**
     * The fate of one recipient after an attempt.
     *
     * @param receivedMillis when the message was accepted; all in milliseconds since 1970
     */
    public Judgement of(Outcome outcome, Recipient recipient, long nowMillis, long receivedMillis, long expiryMillis) {
        int attempt = recipient.getAttempts() + 1;
        return outcome.match(new Outcome.Cases<>(
                delivered -> new Judgement(
                        Fate.tried(
                                Kind.DELIVERED,
                                Way.DONE,
                                attempt,
                                delivered.reply(),
                                delivered.tls() ? Mark.TLS : Mark.NONE),
                        recipient),
                deferred -> new Judgement(
                        deferred(deferred, recipient, nowMillis, receivedMillis, expiryMillis),
                        tried(recipient, deferred.reply())),
                faulted -> faulted(faulted, recipient, nowMillis),
                bounced -> new Judgement(
                        Fate.tried(Kind.FAILED, Way.BOUNCED, attempt, bounced.reply(), Mark.NONE)
                                .because("bounced"),
                        tried(recipient, bounced.reply())),
                untried -> new Judgement(untried(untried, nowMillis), recipient),
                held -> new Judgement(Fate.untried(Kind.HELD, Way.HELD, held.why()), recipient)));
    }

    private Fate deferred(
            Outcome.Deferred deferred, Recipient recipient, long nowMillis, long receivedMillis, long expiryMillis) {
        int attempt = recipient.getAttempts() + 1;
        Mark mark = deferred.inDoubt() ? Mark.IN_DOUBT : Mark.NONE;
        if (nowMillis >= expiryMillis) {
            return Fate.tried(Kind.FAILED, Way.EXPIRED, attempt, deferred.reply(), mark)
                    .because("expired");
        }
        return Fate.tried(Kind.DEFERRED, Way.RETRY, attempt, deferred.reply(), mark)
                .due(
                        deferred.inDoubt()
                                ? policy.dueAfterDoubt(nowMillis, attempt, receivedMillis, expiryMillis)
                                : policy.dueAfterReply(nowMillis, attempt, deferred.reply(), recipient.getLastReply()));
    }

    private Judgement faulted(Outcome.Faulted faulted, Recipient recipient, long nowMillis) {
        LastReply reply = faulted.reply();
        int faults = recipient.getFaults() + 1;
        Recipient after = Envelopes.tried(recipient, recipient.getAttempts(), faults, reply);
        if (faults >= FAULTS_BEFORE_HOLD) {
            Fate held = Fate.tried(Kind.HELD, Way.HELD, recipient.getAttempts(), reply, Mark.FAULT)
                    .because("an unforeseen exception, " + faults + " times");
            return new Judgement(held, after);
        }
        Fate again = Fate.tried(Kind.DEFERRED, Way.RETRY, recipient.getAttempts(), reply, Mark.FAULT)
                .due(policy.dueAfterFault(nowMillis, faults));
        return new Judgement(again, after);
    }

    private static Fate untried(Outcome.Untried untried, long nowMillis) {
        boolean atOnce = untried.dueIn().isZero();
        Fate fate = Fate.untried(Kind.OVERFLOWED, atOnce ? Way.AGAIN : Way.RETRY, untried.why());
        return atOnce ? fate : fate.due(nowMillis + untried.dueIn().toMillis());
    }

    private static Recipient tried(Recipient recipient, LastReply reply) {
        return Envelopes.tried(
                recipient,
                recipient.getAttempts() + 1,
                recipient.getFaults(),
                InDoubt.kept(recipient.getLastReply(), reply));
    }
}
