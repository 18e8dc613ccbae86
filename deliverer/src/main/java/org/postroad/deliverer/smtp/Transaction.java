package org.postroad.deliverer.smtp;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.content.MailContent;
import org.postroad.schemas.Reply;

/**
 * One MAIL, RCPT and DATA with all that was answered: what a connection is given, and gives back when it ended.
 *
 * <p>Commands are numbered in the order in which they are sent: MAIL, each RCPT, DATA, the dot. Replies are counted
 * against these numbers and never matched by what they say (RFC 2920 section 3.1). Confined to its connection's loop.
 */
public final class Transaction {
    /** Who sends it, and hears what happens to it. */
    public interface Sender {
        /** Whose the connection is while this one is answered. */
        SmtpConnection.Owner owner();

        /** All of its content is out: {@link SmtpConnection#dot} sends its end, {@link SmtpConnection#withhold} lets it wait. */
        void dotDue(SmtpConnection connection);

        /** The one with whose dot it rode has ended: its own replies come next. */
        void promoted(SmtpConnection connection);

        /** It has ended, which is heard exactly once. */
        void ended(SmtpConnection connection, Transaction transaction);
    }

    /** The end of the content. */
    enum Dot {
        NONE,
        SENT,
        /** The end of an empty message, which is for nobody. */
        LONE
    }

    /** Whether its commands went in the flight of another message's dot. */
    private enum Ride {
        NONE,
        RIDING,
        RIDDEN
    }

    private final Sender sender;
    private final String reversePath;
    private final List<String> recipients;
    private final boolean eightBit;
    private final boolean smtpUtf8;
    private final boolean reported;
    private final MailContent content;
    private final @Nullable Reply[] recipientReplies;

    private @Nullable Reply mailReply;
    private @Nullable Reply dataReply;
    private @Nullable Reply dotReply;
    private @Nullable Breakdown breakdown;
    private int sent;
    private int answered;
    private int accepted;
    private Dot dot = Dot.NONE;
    private Ride ride = Ride.NONE;
    private boolean takenBack;
    private @Nullable ContentFlow flow;

    /** One of which the exchanger sends no reports. */
    public Transaction(
            Sender sender,
            String reversePath,
            List<String> recipients,
            boolean eightBit,
            boolean smtpUtf8,
            MailContent content) {
        this(sender, reversePath, recipients, eightBit, smtpUtf8, false, content);
    }

    /**
     * @param reversePath an address, or a path with parameters behind it, already checked; so each recipient
     * @param eightBit the client declared 8BITMIME
     * @param smtpUtf8 an address or a header needs it
     * @param reported the exchanger reports as it is asked to (RFC 3461)
     */
    public Transaction(
            Sender sender,
            String reversePath,
            List<String> recipients,
            boolean eightBit,
            boolean smtpUtf8,
            boolean reported,
            MailContent content) {
        this.sender = sender;
        this.reversePath = reversePath;
        this.recipients = recipients;
        this.eightBit = eightBit;
        this.smtpUtf8 = smtpUtf8;
        this.reported = reported;
        this.content = content;
        this.recipientReplies = new Reply[recipients.size()];
    }

    public Sender sender() {
        return sender;
    }

    public String reversePath() {
        return reversePath;
    }

    public List<String> recipients() {
        return recipients;
    }

    public boolean eightBit() {
        return eightBit;
    }

    public boolean smtpUtf8() {
        return smtpUtf8;
    }

    /** Whether whoever takes it sends the reports, too. */
    public boolean isReported() {
        return reported;
    }

    public MailContent content() {
        return content;
    }

    public @Nullable Reply mailReply() {
        return mailReply;
    }

    public @Nullable Reply recipientReply(int index) {
        return recipientReplies[index];
    }

    public @Nullable Reply dataReply() {
        return dataReply;
    }

    /** What decided the accepted recipients, a refusal in the middle of the content too. */
    public @Nullable Reply dotReply() {
        return dotReply;
    }

    public @Nullable Breakdown breakdown() {
        return breakdown;
    }

    /** From here on the exchanger may have taken responsibility. */
    public boolean isDotSent() {
        return dot == Dot.SENT;
    }

    /** Its commands went in the flight of another message's dot, and that dot was not answered. */
    public boolean isRiding() {
        return ride == Ride.RIDING;
    }

    /** Whether the exchanger wants the content for someone. */
    boolean isAccepted() {
        return accepted > 0 && mailReply != null && mailReply.isPositive();
    }

    /** Whether the replies so far allow the command of that step, so that its refusal as out of sequence is a surprise. */
    boolean isInSequence(Step step) {
        boolean begun = mailReply != null && mailReply.isPositive();
        return switch (step) {
            case MAIL -> true;
            case RCPT -> begun;
            case DATA -> begun && accepted > 0;
            default -> false;
        };
    }

    boolean isAwaitingReply() {
        return answered < sent;
    }

    boolean isStarted() {
        return sent > 0;
    }

    /** The step whose reply comes next. */
    Step step() {
        if (answered == 0) {
            return Step.MAIL;
        }
        if (answered <= recipients.size()) {
            return Step.RCPT;
        }
        if (answered == recipients.size() + 1) {
            return Step.DATA;
        }
        return dot == Dot.LONE ? Step.LONE_DOT : Step.DOT;
    }

    /** The number of the command to be sent next: 0 is MAIL, recipients().size() + 1 is DATA. */
    int sent() {
        return sent;
    }

    void sent(int commands) {
        sent += commands;
    }

    void dotSent(Dot which) {
        sent++;
        dot = which;
    }

    /** Whether its commands went in the flight of another message's dot, answered meanwhile or not. */
    public boolean hasRidden() {
        return ride != Ride.NONE;
    }

    void rides() {
        ride = Ride.RIDING;
    }

    /** The other message's dot was answered. */
    void ridden() {
        ride = Ride.RIDDEN;
    }

    /** It must not be sent any more: where its content has not begun, it does not. */
    public void takeBack() {
        takenBack = true;
    }

    public boolean isTakenBack() {
        return takenBack;
    }

    /** Begins to read its content, while its commands are answered. */
    void read(ContentFlow from) {
        flow = from;
        from.prefetch();
    }

    void sendContent() {
        Objects.requireNonNull(flow, "no content").start();
    }

    /** The exchanger waits for content that has not been read yet. */
    boolean isStarved() {
        return flow != null && flow.isStarved();
    }

    /** Nothing more of its content is wanted. */
    void forgetContent() {
        if (flow != null) {
            flow.cancel();
        }
    }

    /** Takes the next reply; returns the step it answered. */
    Step answer(Reply reply) throws MalformedReplyException {
        Step step = step();
        boolean goOn = reply.code() / 100 == 3;
        boolean done = reply.code() / 100 == 2;
        if (step == Step.DATA ? done : goOn) {
            throw new MalformedReplyException(
                    "the reply " + reply.code() + " to " + step.words() + "; it said: " + reply);
        }
        switch (step) {
            case MAIL -> mailReply = reply;
            case RCPT -> {
                recipientReplies[answered - 1] = reply;
                accepted += done ? 1 : 0;
            }
            case DATA -> dataReply = reply;
            case DOT -> dotReply = reply;
            default -> {}
        }
        answered++;
        return step;
    }

    /** The exchanger made up its mind before the content had ended. */
    void refusedEarly(Reply reply) {
        dotReply = reply;
    }

    void broken(Breakdown why) {
        breakdown = why;
    }
}
