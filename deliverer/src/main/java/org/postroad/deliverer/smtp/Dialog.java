package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Reply;
import org.postroad.schemas.TlsPolicy;

/**
 * The dialog with one exchanger, RFC 5321 section 4 as its client, as a state machine that hears replies and says moves. At most one
 * transaction is being answered, and one more may ride in the flight of its dot (RFC 2920 section 3.1), which makes it one round trip
 * for each message.
 *
 * <p>It knows no channel: whoever holds one makes each {@link Move} at once. Confined to the connection's loop.
 */
final class Dialog {
    private final Greeting greeting;
    private final String ehlo;
    private final IntFunction<ByteBuf> buffers;
    private DialogState state = new DialogState.Opening();
    private int carried;

    /**
     * @param ehlo the name we greet by
     * @param buffers for flights, by the octets they are likely to have
     */
    Dialog(TlsPolicy tls, String ehlo, IntFunction<ByteBuf> buffers) {
        this.greeting = new Greeting(tls);
        this.ehlo = ehlo;
        this.buffers = buffers;
    }

    DialogState state() {
        return state;
    }

    @Nullable
    Transaction current() {
        return state.current();
    }

    Transaction requireCurrent() {
        return Objects.requireNonNull(state.current(), "no transaction");
    }

    /** Messages whose commands were sent, the current one included. */
    int carried() {
        return carried;
    }

    Capabilities offered() {
        return greeting.offered();
    }

    boolean isEncrypted() {
        return greeting.isEncrypted();
    }

    boolean isOpening() {
        return state instanceof DialogState.Opening;
    }

    boolean isIdle() {
        return state instanceof DialogState.Idle;
    }

    boolean isOver() {
        return state instanceof DialogState.Over;
    }

    /** The step whose time is running. */
    Step step() {
        Transaction current = state.current();
        if (current == null) {
            return isOpening() ? greeting.step() : Step.MAIL;
        }
        if (state instanceof DialogState.Resetting) {
            return Step.RSET;
        }
        return current.isAwaitingReply() ? current.step() : Step.CONTENT;
    }

    /** The TLS handshake has ended well. */
    Move handshaken() {
        return opening(greeting.handshaken());
    }

    /** @param surplus more octets had come than this reply */
    Move replied(Reply reply, boolean surplus) throws MalformedReplyException {
        if (isOpening()) {
            return opening(greeting.replied(reply, surplus));
        }
        Transaction current = state.current();
        if (current == null) {
            return Move.Plain.CLOSE; // whatever it says, it will not do so any longer
        }
        if (state instanceof DialogState.Resetting) {
            return reset(current, reply);
        }
        return current.isAwaitingReply() ? answered(current, reply, surplus) : interrupted(current, reply);
    }

    private Move opening(Greeting.Move move) {
        return switch (move) {
            case EHLO, HELO -> {
                ByteBuf flight = buffers.apply(512);
                Commands.greet(flight, greeting.step(), ehlo);
                yield new Move.Send(flight);
            }
            case STARTTLS -> {
                ByteBuf flight = buffers.apply(16);
                Commands.startTls(flight);
                yield new Move.Send(flight);
            }
            case HANDSHAKE -> Move.Plain.START_TLS;
            case READY -> {
                state = new DialogState.Idle(false);
                yield Move.Plain.OPENED;
            }
            case BREAK -> new Move.Break(greeting.breakdown());
        };
    }

    /** Sends its commands, as many as may go before a reply; only where it is idle. */
    Move begin(Transaction transaction) {
        if (!(state instanceof DialogState.Idle idle)) {
            throw new IllegalStateException("a transaction in " + state);
        }
        ByteBuf flight = buffers.apply(512 + 64 * transaction.recipients().size());
        if (idle.resetNeeded()) {
            Commands.reset(flight);
            state = new DialogState.Resetting(transaction);
        } else {
            state = new DialogState.Asking(transaction);
        }
        if (!idle.resetNeeded() || offered().pipelining()) {
            ask(transaction, flight);
        }
        return new Move.Send(flight);
    }

    private void ask(Transaction transaction, ByteBuf flight) {
        carried++;
        Commands.mail(flight, transaction, offered());
        transaction.sent(1);
        if (offered().pipelining()) {
            transaction.recipients().forEach(recipient -> Commands.recipient(flight, recipient));
            Commands.data(flight);
            transaction.sent(transaction.recipients().size() + 1);
        }
    }

    private Move reset(Transaction current, Reply reply) {
        state = new DialogState.Asking(current);
        if (!reply.isPositive()) {
            return new Move.Break(Breakdown.refused(Step.RSET, reply).ofStaleConnection());
        }
        if (current.isStarted()) {
            return Move.Plain.WAIT;
        }
        ByteBuf flight = buffers.apply(512);
        ask(current, flight);
        return new Move.Send(flight);
    }

    /** A refusal while the content flows decides like one after it; any other reply was never asked for. */
    private static Move interrupted(Transaction current, Reply reply) throws MalformedReplyException {
        if (reply.isPositive()) {
            throw new MalformedReplyException("a reply out of turn; it said: " + reply);
        }
        current.refusedEarly(reply);
        return new Move.Break(Breakdown.refused(Step.CONTENT, reply));
    }

    private Move answered(Transaction current, Reply reply, boolean surplus) throws MalformedReplyException {
        Step step = current.answer(reply);
        boolean outOfTurn = surplus && state.following() == null && !current.isAwaitingReply();
        if (outOfTurn && step != Step.DOT) {
            throw new MalformedReplyException("a reply out of turn; it said: " + reply);
        }
        if (outOfTurn || reply.code() == 421) {
            return new Move.Break(Breakdown.refused(step, reply)); // what was answered stays answered
        }
        if (isOutOfSequence(current, step, reply)) {
            return new Move.Break(Breakdown.refused(step, reply).ofStaleConnection());
        }
        return switch (step) {
            case MAIL, RCPT -> current.isAwaitingReply() ? Move.Plain.WAIT : proceed(current);
            case DATA -> reply.isPositive() ? wanted(current) : end(current, true);
            default -> end(current, !reply.isPositive()); // some keep the transaction whose content they refuse
        };
    }

    /**
     * Whether a refusal speaks of the state this connection is in, which mail before this one left behind: on a fresh connection the
     * same words are an ordinary reply. After a refused MAIL, or without a recipient, out of sequence is what must be answered.
     */
    private boolean isOutOfSequence(Transaction current, Step step, Reply reply) {
        boolean used = carried > 1;
        return used && current.isInSequence(step) && OutOfSequence.isSaidBy(reply);
    }

    /** Without PIPELINING, the next command. */
    private Move proceed(Transaction current) {
        int next = current.sent() - 1;
        Reply mail = current.mailReply();
        boolean refused = mail != null && !mail.isPositive();
        boolean allAnswered = next == current.recipients().size();
        if (refused || allAnswered && !current.isAccepted()) {
            return end(current, !refused);
        }
        ByteBuf flight = buffers.apply(512);
        if (allAnswered) {
            Commands.data(flight);
        } else {
            Commands.recipient(flight, current.recipients().get(next));
        }
        current.sent(1);
        return new Move.Send(flight);
    }

    private Move wanted(Transaction current) {
        if (!current.isAccepted()) {
            ByteBuf flight = buffers.apply(8);
            Commands.dot(flight); // RFC 2920 section 3.1: an empty message for nobody
            current.dotSent(Transaction.Dot.LONE);
            state = new DialogState.Dot(current, null);
            return new Move.Send(flight);
        }
        if (current.isTakenBack()) {
            return new Move.Break(Breakdown.of(Breakdown.Kind.WITHHELD, Step.DATA, "it was taken back"));
        }
        state = new DialogState.Content(current);
        return Move.Plain.SEND_CONTENT;
    }

    private Move end(Transaction current, boolean resetNeeded) {
        Transaction next = state.following();
        if (next == null) {
            state = new DialogState.Idle(resetNeeded);
        } else {
            next.ridden();
            state = new DialogState.Asking(next);
        }
        return new Move.Ended(current);
    }

    /** All content but this was handed to the socket. */
    void dotDue(ByteBuf flight) {
        state = new DialogState.DotDue(requireCurrent(), flight);
    }

    /** The end of the content leaves without its dot. */
    Move withhold() {
        DialogState.DotDue due = due();
        ByteBuf flight = due.flight();
        state = new DialogState.DotDue(due.current(), null);
        return flight == null ? Move.Plain.WAIT : new Move.Send(flight);
    }

    /** @param following its commands go in the same flight; where the exchanger offers PIPELINING, null for none */
    Move dot(@Nullable Transaction following) {
        DialogState.DotDue due = due();
        ByteBuf flight = due.flight() == null ? buffers.apply(512) : due.flight();
        Commands.dot(flight);
        due.current().dotSent(Transaction.Dot.SENT);
        state = new DialogState.Dot(due.current(), following);
        if (following != null) {
            following.rides();
            ask(following, flight);
        }
        return new Move.Send(flight);
    }

    private DialogState.DotDue due() {
        if (state instanceof DialogState.DotDue due) {
            return due;
        }
        throw new IllegalStateException("a dot in " + state);
    }

    /** Whose fault it is that nothing moves. */
    Breakdown.Kind delay() {
        if (state instanceof DialogState.DotDue) {
            return Breakdown.Kind.WITHHELD;
        }
        Transaction current = state.current();
        return current != null && current.isStarved() ? Breakdown.Kind.CONTENT_UNREADABLE : Breakdown.Kind.TIMEOUT;
    }

    /** Ends it, however far it has come; returns how far that was. */
    DialogState over() {
        DialogState before = state;
        state = new DialogState.Over(!isOpening());
        if (before instanceof DialogState.DotDue due && due.flight() != null) {
            due.flight().release();
        }
        return before;
    }

    /** Why the transactions of a dialog that has just broken have ended: the current one, then the one that rode with it. */
    void broken(DialogState before, Breakdown why) {
        Transaction current = before.current();
        Transaction following = before.following();
        if (current != null) {
            // An exchanger that lost patience while we waited for permission is not to blame.
            boolean ours = before instanceof DialogState.DotDue && why.kind() == Breakdown.Kind.LOST;
            Breakdown own = ours ? Breakdown.of(Breakdown.Kind.WITHHELD, why.step(), why.detail()) : why;
            boolean untouched = current.mailReply() == null || own.step() == Step.MAIL;
            boolean used = carried > (following == null ? 1 : 2);
            current.broken(used && untouched ? own.ofStaleConnection() : own);
        }
        if (following != null) {
            following.broken(why.ofStaleConnection());
        }
    }
}
