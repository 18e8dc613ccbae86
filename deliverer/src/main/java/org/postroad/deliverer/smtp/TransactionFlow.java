package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Reply;

/**
 * The transactions of one open connection: at most one is being answered, and one more may ride in the flight of its
 * dot (RFC 2920 section 3.1), which makes it one round trip for each message.
 *
 * <p>Confined to the connection's loop.
 */
final class TransactionFlow implements ContentFlow.Course {
    private final SmtpConnection connection;
    private @Nullable Transaction current;
    private @Nullable Transaction riding;
    private @Nullable ContentFlow content;
    private @Nullable ContentFlow ridingContent;
    private boolean resetNeeded;
    private boolean resetAwaited;
    private boolean withheld;
    private int carried;

    TransactionFlow(SmtpConnection connection) {
        this.connection = connection;
    }

    boolean isIdle() {
        return current == null;
    }

    @Nullable
    Transaction current() {
        return current;
    }

    int carried() {
        return carried;
    }

    /** The step whose time is running. */
    Step step() {
        if (resetAwaited) {
            return Step.RSET;
        }
        return current == null || current.isAwaitingReply() ? stepOf(current) : Step.CONTENT;
    }

    private static Step stepOf(@Nullable Transaction transaction) {
        return transaction == null ? Step.MAIL : transaction.step();
    }

    void begin(Transaction transaction) {
        current = transaction;
        ByteBuf flight = connection.allocate(512 + 64 * transaction.recipients().size());
        if (resetNeeded) {
            Commands.reset(flight);
            resetNeeded = false;
            resetAwaited = true;
        }
        if (!resetAwaited || connection.offered().pipelining()) {
            content = open(transaction, flight);
        }
        connection.send(flight);
    }

    /** Writes as many of its commands as may go before a reply, and starts to read its content. */
    private ContentFlow open(Transaction transaction, ByteBuf flight) {
        carried++;
        Commands.mail(flight, transaction, connection.offered());
        transaction.sent(1);
        if (connection.offered().pipelining()) {
            transaction.recipients().forEach(recipient -> Commands.recipient(flight, recipient));
            Commands.data(flight);
            transaction.sent(transaction.recipients().size() + 1);
        }
        ContentFlow flow = new ContentFlow(connection.channel(), transaction.content(), this);
        flow.prefetch();
        return flow;
    }

    /** @param surplus more octets had come than this reply */
    void replied(Reply reply, boolean surplus) throws MalformedReplyException {
        if (resetAwaited) {
            resetReplied(reply);
            return;
        }
        Transaction transaction = current;
        if (transaction == null) {
            connection.close();
            return;
        }
        if (!transaction.isAwaitingReply()) {
            interrupted(transaction, reply);
            return;
        }
        Step step = transaction.answer(reply);
        boolean outOfTurn = surplus && riding == null && !transaction.isAwaitingReply();
        if (outOfTurn && step != Step.DOT) {
            throw new MalformedReplyException("a reply out of turn; it said: " + reply);
        }
        if (outOfTurn || reply.code() == 421) {
            connection.breakDown(Breakdown.refused(step, reply)); // what was answered stays answered
        } else if (isOutOfSequence(transaction, step, reply)) {
            connection.breakDown(Breakdown.refused(step, reply).ofStaleConnection());
        } else {
            answered(transaction, step, reply);
        }
    }

    /**
     * Whether a refusal speaks of the state this connection is in, which mail before this one left behind: on a fresh connection the
     * same words are an ordinary reply. After a refused MAIL, or without a recipient, out of sequence is what must be answered.
     */
    private boolean isOutOfSequence(Transaction transaction, Step step, Reply reply) {
        boolean used = carried > 1;
        return used && transaction.isInSequence(step) && OutOfSequence.isSaidBy(reply);
    }

    private void resetReplied(Reply reply) throws MalformedReplyException {
        resetAwaited = false;
        if (!reply.isPositive()) {
            connection.breakDown(Breakdown.refused(Step.RSET, reply).ofStaleConnection());
        } else if (current != null && !current.isStarted()) {
            ByteBuf flight = connection.allocate(512);
            content = open(current, flight);
            connection.send(flight);
        }
    }

    /** A refusal while the content flows decides like one after it; any other reply was never asked for. */
    private void interrupted(Transaction transaction, Reply reply) throws MalformedReplyException {
        if (reply.isPositive()) {
            throw new MalformedReplyException("a reply out of turn; it said: " + reply);
        }
        transaction.refusedEarly(reply);
        connection.breakDown(Breakdown.refused(Step.CONTENT, reply));
    }

    private void answered(Transaction transaction, Step step, Reply reply) {
        switch (step) {
            case MAIL, RCPT -> proceed(transaction);
            case DATA -> {
                if (reply.isPositive()) {
                    wanted(transaction);
                } else {
                    resetNeeded = true;
                    end(transaction);
                }
            }
            default -> {
                resetNeeded = !reply.isPositive(); // some keep the transaction whose content they refuse
                end(transaction);
            }
        }
    }

    /** Without PIPELINING, the next command. */
    private void proceed(Transaction transaction) {
        if (transaction.isAwaitingReply()) {
            return;
        }
        int next = transaction.sent() - 1;
        boolean refused =
                transaction.mailReply() != null && !transaction.mailReply().isPositive();
        boolean allAnswered = next == transaction.recipients().size();
        if (refused || allAnswered && !transaction.isAccepted()) {
            resetNeeded = !refused;
            end(transaction);
            return;
        }
        ByteBuf flight = connection.allocate(512);
        if (allAnswered) {
            Commands.data(flight);
        } else {
            Commands.recipient(flight, transaction.recipients().get(next));
        }
        transaction.sent(1);
        connection.send(flight);
    }

    private void wanted(Transaction transaction) {
        if (!transaction.isAccepted()) {
            ByteBuf flight = connection.allocate(8);
            Commands.dot(flight); // RFC 2920 section 3.1: an empty message for nobody
            transaction.dotSent(true);
            connection.send(flight);
        } else if (!transaction.sender().isWanted()) {
            connection.breakDown(Breakdown.of(Breakdown.Kind.WITHHELD, Step.DATA, "it was taken back"));
        } else {
            Objects.requireNonNull(content).start();
        }
    }

    private void dotOrWait(Transaction transaction, ByteBuf flight) {
        withheld = !connection.owner().permitsDot();
        if (!withheld) {
            dot(transaction, flight);
        }
        connection.send(flight);
    }

    private void dot(Transaction transaction, ByteBuf flight) {
        Commands.dot(flight);
        transaction.dotSent(false);
        ride(flight);
    }

    private void ride(ByteBuf flight) {
        Transaction rider =
                connection.offered().pipelining() ? connection.owner().rider(connection) : null;
        if (rider != null) {
            rider.rides(true);
            riding = rider;
            ridingContent = open(rider, flight);
        }
    }

    /** The permission for the dot may have come. */
    void tick() {
        if (withheld && current != null && connection.owner().permitsDot()) {
            withheld = false;
            ByteBuf flight = connection.allocate(512);
            dot(current, flight);
            connection.send(flight);
        }
    }

    /** Whose fault it is that nothing moves. */
    Breakdown.Kind delay() {
        if (withheld) {
            return Breakdown.Kind.WITHHELD;
        }
        boolean starved = content != null && content.isStarved();
        return starved ? Breakdown.Kind.CONTENT_UNREADABLE : Breakdown.Kind.TIMEOUT;
    }

    private void end(Transaction transaction) {
        Transaction next = riding;
        content = ridingContent;
        ridingContent = null;
        current = next;
        riding = null;
        if (next != null) {
            next.rides(false);
        }
        transaction.sender().ended(connection, transaction); // before anything of the next one can go wrong
        if (current == null) {
            connection.becameIdle();
        }
    }

    /** The connection is gone, and whatever was on it ends. */
    void broken(Breakdown broken) {
        // An exchanger that lost patience while we waited for permission is not to blame.
        boolean ours = withheld && broken.kind() == Breakdown.Kind.LOST;
        Breakdown why = ours ? Breakdown.of(Breakdown.Kind.WITHHELD, broken.step(), broken.detail()) : broken;
        Transaction first = current;
        Transaction second = riding;
        current = null;
        riding = null;
        withheld = false;
        cancel(content);
        cancel(ridingContent);
        if (first != null) {
            boolean untouched = first.mailReply() == null || why.step() == Step.MAIL;
            first.broken(carried > (second == null ? 1 : 2) && untouched ? why.ofStaleConnection() : why);
            first.sender().ended(connection, first);
        }
        if (second != null) {
            second.broken(why.ofStaleConnection());
            second.sender().ended(connection, second);
        }
    }

    private static void cancel(@Nullable ContentFlow flow) {
        if (flow != null) {
            flow.cancel();
        }
    }

    @Override
    public void progressed() {
        connection.restartTime();
    }

    @Override
    public void ended(ByteBuf flight) {
        if (current == null) {
            flight.release();
        } else {
            dotOrWait(current, flight);
        }
    }

    @Override
    public void failed(Breakdown why) {
        connection.breakDown(why);
    }
}
