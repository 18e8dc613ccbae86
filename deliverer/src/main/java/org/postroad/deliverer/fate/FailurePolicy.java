package org.postroad.deliverer.fate;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Step;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.schemas.EnhancedStatus;
import org.postroad.schemas.InDoubt;
import org.postroad.schemas.Reply;

/**
 * The judgement of everything that can go wrong between us and an exchanger: the only place where a failure becomes an
 * outcome. Pure.
 *
 * <p>A refusal is about the site, the message or a recipient; it is soft (4yz) or hard (5yz); there is another address
 * to try, or there is not:
 *
 * <pre>
 *              soft                            hard                                 connection lost, garbage, silence
 * site         next address, else deferred     next address, else deferred: it      next address, else deferred
 *              (banner, EHLO, TLS)             is us that it refuses, not mail
 * message      deferred                        bounced; deferred in words about us, before the dot: next address,
 *              (MAIL, DATA, the dot)           or when many hear 5.7.z              else deferred
 * recipient    deferred; 452 after accepted    bounced                              after the dot: deferred, in doubt
 *              ones: another transaction
 * </pre>
 *
 * <p>421 defers whatever is pending (RFC 5321 section 3.8). What broke because of us (content gone, permission
 * withheld, an exception) is never the mail's fault: it is held, put back, or faulted.
 */
public final class FailurePolicy {
    /** Until content that could not be read is asked for again. */
    private static final Duration CONTENT_WAIT = Duration.ofMinutes(1);

    /** Refusals of different messages in a row that are about us, before we believe it and stop bouncing. */
    public static final int SUSPICIOUS_RUN = 20;

    /** The same in words that can mean nothing but us ({@link AboutUs}). */
    public static final int CERTAIN_RUN = 3;

    /** What happens to recipients without an outcome. */
    public enum Rest {
        NONE,
        NEXT_ADDRESS,
        /** They did not fit into this one. */
        ANOTHER_TRANSACTION,
        /** Nothing was tried: they wait again, uncounted. */
        PUT_BACK
    }

    /** What the destination learns of its exchanger. */
    public enum Lesson {
        ANSWERED,
        THROTTLED,
        FAILED,
        NOTHING
    }

    /**
     * What became of a transaction, and what this teaches of the exchanger.
     *
     * @param outcomes in the transaction's order; null for the rest
     * @param aboutUs it refused the message for what we are, and delivered it to nobody
     * @param usInWords what it said then, when it can mean nothing but us
     */
    public record Judgement(
            List<@Nullable Outcome> outcomes,
            Rest rest,
            Lesson lesson,
            boolean aboutUs,
            @Nullable Reply usInWords) {
        boolean isCertain() {
            return usInWords != null;
        }
    }

    /**
     * What a judgement depends on beside the replies.
     *
     * @param last no other address is left to try
     * @param refusedRun so many messages before this one were refused in a row, for what we are
     */
    public record Circumstances(ReplySource said, boolean tls, boolean last, int refusedRun) {}

    private FailurePolicy() {}

    /** The end of a transaction. */
    public static Judgement judge(Transaction transaction, Circumstances circumstances) {
        Breakdown breakdown = transaction.breakdown();
        if (breakdown != null && !transaction.isDotSent() && isUntouched(breakdown)) {
            return putBack(transaction, isThrottle(breakdown.reply()) ? Lesson.THROTTLED : Lesson.NOTHING);
        }
        return new TransactionJudge(transaction, circumstances).judge();
    }

    /** A connection gone stale, or closed by us before the dot: nothing was tried. */
    private static boolean isUntouched(Breakdown breakdown) {
        return breakdown.stale() || breakdown.kind() == Breakdown.Kind.WITHHELD;
    }

    /** No address could be used, and this is how the last one failed. */
    public static Outcome unreachable(Breakdown breakdown, ReplySource said) {
        return breakdown.kind() == Breakdown.Kind.FAULT
                ? new Outcome.Faulted(said.own(451, "4.3.0", breakdown.detail()))
                : new Outcome.Deferred(said.of(breakdown), false);
    }

    /** Whether the next attempt to connect there goes without TLS. */
    public static boolean isTlsTrouble(Breakdown breakdown) {
        return breakdown.kind() == Breakdown.Kind.NO_TLS;
    }

    /** Whether it has no TLS that can be used, rather than none just now. */
    public static boolean isLackOfTls(Breakdown breakdown) {
        Reply reply = breakdown.reply();
        return isTlsTrouble(breakdown) && (reply == null || reply.isPermanent());
    }

    /** Kafka is slow with its content, which is neither its fault nor an exchanger's: it waits again, uncounted. */
    public static Outcome unreadable(String detail) {
        return new Outcome.Untried(CONTENT_WAIT, detail);
    }

    /** An exception nobody foresaw. */
    public static Outcome fault(Throwable bug, ReplySource said) {
        return new Outcome.Faulted(said.own(451, "4.3.0", "unforeseen: " + bug));
    }

    private static Judgement putBack(Transaction transaction, Lesson lesson) {
        int recipients = transaction.recipients().size();
        return new Judgement(Collections.nCopies(recipients, null), Rest.PUT_BACK, lesson, false, null);
    }

    /** Judges one transaction; an object only so that its many questions need no arguments. */
    private static final class TransactionJudge {
        private final Transaction transaction;
        private final Circumstances circumstances;
        private final ReplySource said;
        private final @Nullable Breakdown breakdown;
        private final @Nullable Outcome[] outcomes;
        private Rest rest = Rest.NONE;
        private boolean anyAccepted;

        TransactionJudge(Transaction transaction, Circumstances circumstances) {
            this.transaction = transaction;
            this.circumstances = circumstances;
            this.said = circumstances.said();
            this.breakdown = transaction.breakdown();
            this.outcomes = new Outcome[transaction.recipients().size()];
        }

        Judgement judge() {
            Reply mail = isMiscounted() ? null : transaction.mailReply();
            for (int i = 0; i < outcomes.length; i++) {
                outcomes[i] = mail != null && !mail.isPositive() ? refused(mail, Step.MAIL) : ofRecipient(i);
            }
            return new Judgement(
                    Collections.unmodifiableList(Arrays.asList(outcomes)), rest, lesson(), isAboutUs(), usInWords());
        }

        private @Nullable Outcome ofRecipient(int index) {
            Reply reply = isMiscounted() ? null : transaction.recipientReply(index);
            if (reply == null) {
                return pending();
            }
            if (reply.isPositive()) {
                anyAccepted = true;
                return accepted();
            }
            if (!isTooManyRecipients(reply)) {
                return refused(reply, Step.RCPT);
            }
            if (isTaken()) {
                rest = Rest.ANOTHER_TRANSACTION;
                return null;
            }
            return new Outcome.Deferred(said.of(reply), false);
        }

        /** A reply that does not fit, before the dot: those before it may have been another command's, so none bounces. */
        private boolean isMiscounted() {
            return breakdown != null && breakdown.kind() == Breakdown.Kind.GARBAGE && !transaction.isDotSent();
        }

        /** RFC 5321 section 4.5.3.1.10: 552 may mean what 452 means, RFC 1870 section 6.4: mostly it does not. */
        private boolean isTooManyRecipients(Reply reply) {
            EnhancedStatus status = reply.status();
            if (reply.code() == 452) {
                return anyAccepted;
            }
            boolean says = status != null && status.subject() == 5 && status.detail() == 3;
            return reply.code() == 552 && (says || status == null && anyAccepted);
        }

        private boolean isTaken() {
            Reply dot = transaction.dotReply();
            return dot != null && dot.isPositive();
        }

        private @Nullable Outcome accepted() {
            Reply dot = transaction.dotReply();
            if (dot != null) {
                return dot.isPositive()
                        ? new Outcome.Delivered(said.of(dot), circumstances.tls(), transaction.isReported())
                        : refused(dot, Step.DOT);
            }
            if (transaction.isDotSent()) {
                return new Outcome.Deferred(
                        said.own(451, "4.4.2", InDoubt.WORDS + (breakdown == null ? "" : ": " + breakdown.detail())),
                        true);
            }
            Reply data = transaction.dataReply();
            return data != null && !data.isPositive() ? refused(data, Step.DATA) : pending();
        }

        /** Nothing decided about it before the connection broke. */
        private @Nullable Outcome pending() {
            if (breakdown == null) {
                return new Outcome.Deferred(said.own(451, "4.5.0", "the exchanger did not answer for it"), false);
            }
            return switch (breakdown.kind()) {
                case CONTENT_GONE -> new Outcome.Held(breakdown.detail());
                case CONTENT_UNREADABLE -> unreadable(breakdown.detail());
                case FAULT -> new Outcome.Faulted(said.own(451, "4.3.0", breakdown.detail()));
                case REFUSED -> new Outcome.Deferred(said.of(breakdown), false);
                default -> nextAddress(breakdown);
            };
        }

        private @Nullable Outcome nextAddress(Breakdown why) {
            if (circumstances.last()) {
                return new Outcome.Deferred(said.of(why), false);
            }
            rest = Rest.NEXT_ADDRESS;
            return null;
        }

        private Outcome refused(Reply reply, Step step) {
            boolean bounces =
                    reply.isPermanent() && !AboutUs.isSaidBy(reply) && !(speaksOfUs(reply, step) && isSuspicious());
            return bounces ? new Outcome.Bounced(said.of(reply)) : new Outcome.Deferred(said.of(reply), false);
        }

        private boolean isSuspicious() {
            return circumstances.refusedRun() >= SUSPICIOUS_RUN;
        }

        private boolean isAboutUs() {
            boolean delivered = Arrays.stream(outcomes).anyMatch(Outcome.Delivered.class::isInstance);
            return !delivered && rest == Rest.NONE && !isMiscounted() && anyRefusalAboutUs();
        }

        /** Of a message that nobody got, the first permanent refusal whose words mean us. */
        private @Nullable Reply usInWords() {
            if (!isAboutUs()) {
                return null;
            }
            Reply mail = transaction.mailReply();
            if (isCertain(mail)) {
                return mail;
            }
            for (int i = 0; i < outcomes.length; i++) {
                if (isCertain(transaction.recipientReply(i))) {
                    return transaction.recipientReply(i);
                }
            }
            Reply dot = transaction.dotReply();
            return isCertain(transaction.dataReply()) ? transaction.dataReply() : isCertain(dot) ? dot : null;
        }

        private static boolean isCertain(@Nullable Reply reply) {
            return reply != null && reply.isPermanent() && AboutUs.isSaidBy(reply);
        }

        private boolean anyRefusalAboutUs() {
            boolean recipients = false;
            for (int i = 0; i < outcomes.length; i++) {
                recipients |= speaksOfUs(transaction.recipientReply(i), Step.RCPT);
            }
            return recipients
                    || speaksOfUs(transaction.mailReply(), Step.MAIL)
                    || speaksOfUs(transaction.dataReply(), Step.DATA)
                    || speaksOfUs(transaction.dotReply(), Step.DOT);
        }

        private Lesson lesson() {
            if (isTaken()) {
                return Lesson.ANSWERED;
            }
            if (isThrottle(transaction.mailReply())
                    || isThrottle(transaction.dotReply())
                    || isThrottle(breakdown == null ? null : breakdown.reply())
                    || anyRecipientThrottled()) {
                return Lesson.THROTTLED;
            }
            if (breakdown == null || breakdown.reply() != null) {
                return Lesson.ANSWERED;
            }
            return switch (breakdown.kind()) {
                case LOST, TIMEOUT, GARBAGE, UNREACHABLE, NO_TLS, REFUSED -> Lesson.FAILED;
                default -> Lesson.NOTHING;
            };
        }

        private boolean anyRecipientThrottled() {
            for (int i = 0; i < outcomes.length; i++) {
                if (isThrottle(transaction.recipientReply(i))) {
                    return true;
                }
            }
            return false;
        }
    }

    private static boolean isThrottle(@Nullable Reply reply) {
        return reply != null && (reply.code() == 421 || reply.code() == 451);
    }

    /** 5.7.z is policy; a hard no to MAIL without a reason that names address or size is taken for one. */
    private static boolean speaksOfUs(@Nullable Reply reply, Step step) {
        if (reply == null || !reply.isPermanent()) {
            return false;
        }
        if (AboutUs.isSaidBy(reply)) {
            return true;
        }
        EnhancedStatus status = reply.status();
        return status == null ? step == Step.MAIL && reply.code() != 552 : status.subject() == 7;
    }
}
