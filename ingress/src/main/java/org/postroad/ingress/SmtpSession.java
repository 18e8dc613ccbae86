package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import io.prometheus.client.Histogram;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import org.postroad.schemas.Reply;

/**
 * The dialog with one client: RFC 5321 section 4, as a state machine that hears commands and octets and says replies.
 *
 * <p>Confined to its event loop. Every command gets one reply, in order; a refused command changes no state.
 */
final class SmtpSession implements Command.Cases {
    private final IngressConfig config;
    private final ListenerMetrics metrics;
    private final Door door;
    private final Intake intake;
    private final Progress progress;
    private final Queue<Reply> replies = new ArrayDeque<>();
    private SessionState state = new SessionState.Fresh();
    private final Junk junk = new Junk();
    private boolean closing;

    /** What a client had already said behind a MAIL that we refused is no error of its own. */
    private boolean mailRefused;

    /**
     * Where the client came in.
     *
     * @param mayRelay whether the listener relays for it
     */
    record Door(String listener, InetAddress client, boolean mayRelay) {}

    /** @param progress hears what goes on without the client */
    SmtpSession(IngressConfig config, ListenerMetrics metrics, Door door, Intake intake, Progress progress) {
        this.config = config;
        this.metrics = metrics;
        this.door = door;
        this.intake = intake;
        this.progress = progress;
    }

    void open() {
        replies.add(Replies.banner(config.hostname()));
    }

    /** Answers a client there is no room for. */
    void turnAway(Reply why) {
        end(why);
    }

    /** What is to be said, in order; whoever sends it takes it out. */
    Queue<Reply> replies() {
        return replies;
    }

    Door door() {
        return door;
    }

    /** Whether the last word is among the replies. */
    boolean isOver() {
        return state instanceof SessionState.Over;
    }

    boolean isReceiving() {
        return state instanceof SessionState.Receiving;
    }

    /** Whether it is our turn: the client can do nothing but wait. */
    boolean awaitsKafka() {
        if (state instanceof SessionState.Receiving receiving) {
            return !receiving.content().takesMore();
        }
        return state instanceof SessionState.Handing;
    }

    /** Whether the next octets can be dealt with now. */
    boolean takesInput() {
        return !isOver() && !awaitsKafka();
    }

    void onCommand(Command command) {
        command.tell(this);
    }

    /** Takes content up to its end, as far as there is room. */
    void onContent(ByteBuf in) {
        if (!(state instanceof SessionState.Receiving receiving)) {
            throw new IllegalStateException("content in " + state);
        }
        long before = receiving.content().seen();
        receiving.content().take(in);
        metrics.received(receiving.content().seen() - before);
        if (receiving.content().ended()) {
            handOver(receiving.transaction(), receiving.content());
        }
    }

    /** Octets of content the client has sent in this transaction. */
    long contentSeen() {
        return state instanceof SessionState.Receiving receiving
                ? receiving.content().seen()
                : 0;
    }

    void onIdle() {
        end(Replies.IDLE);
    }

    boolean hasBegunAMessage() {
        return state instanceof SessionState.Open || state instanceof SessionState.Receiving;
    }

    void onShed() {
        end(Replies.TOO_SLOW);
    }

    /** What was done for the client failed in a way nobody foresaw; it may send again. */
    void onFault() {
        if (state instanceof SessionState.Receiving || state instanceof SessionState.Handing) {
            metrics.answered(Replies.NOT_KEPT);
        }
        end(Replies.NOT_KEPT);
    }

    /** The node closes: the session ends now, or once it has answered for the message it holds. */
    void onClosing() {
        closing = true;
        if (!(state instanceof SessionState.Handing) && !isOver()) {
            end(Replies.CLOSING);
        }
    }

    /** The connection is gone, and with it the transaction, unless the final dot was seen. */
    void onGone() {
        abandon();
        state = new SessionState.Over();
    }

    @Override
    public void onHello(Command.Hello hello) {
        abandon();
        if (!(state instanceof SessionState.Fresh) && isJunk(Junk.IDLE_COMMAND)) {
            return;
        }
        Origin origin = new Origin(door.listener(), door.client(), hello.greeting(), hello.extended());
        state = new SessionState.Greeted(origin);
        replies.add(
                hello.extended()
                        ? Replies.extensions(config.hostname(), config.maxMessageSize())
                        : Replies.hello(config.hostname()));
    }

    @Override
    public void onMail(Command.Mail mail) {
        if (state instanceof SessionState.Fresh) {
            refuse(Replies.SAY_HELLO);
        } else if (!(state instanceof SessionState.Greeted greeted)) {
            refuse(Replies.NESTED_MAIL);
        } else if (mail.size() > config.maxMessageSize()) {
            refuse(Replies.TOO_LARGE);
        } else {
            begin(greeted.origin(), mail);
        }
    }

    private void begin(Origin origin, Command.Mail mail) {
        Reply refusal = intake.refusal();
        if (refusal == null) {
            mailRefused = false;
            state = new SessionState.Open(intake.begin(origin, mail));
            replies.add(Replies.SENDER_OK);
        } else {
            metrics.answered(refusal);
            mailRefused = true;
            say(refusal, Junk.OURS);
        }
    }

    @Override
    public void onRcpt(Command.Rcpt rcpt) {
        if (!(state instanceof SessionState.Open open)) {
            say(Replies.NO_MAIL, mailRefused ? Junk.OURS : Junk.ERROR);
        } else if (!door.mayRelay()) {
            refuse(Replies.RELAYING_DENIED);
        } else if (!open.transaction().smtpUtf8()
                && !CommandParser.isAscii(rcpt.recipient().toString())) {
            refuse(Replies.NEEDS_SMTPUTF8);
        } else {
            switch (open.transaction().add(rcpt.recipient())) {
                case TAKEN -> replies.add(Replies.RECIPIENT_OK);
                case KNOWN -> say(Replies.RECIPIENT_OK, Junk.OURS); // lists name some twice, but none for ever
                case TOO_MANY -> say(Replies.TOO_MANY_RECIPIENTS, Junk.OURS);
                case NO_ROOM -> say(Replies.NO_ROOM, Junk.OURS);
            }
        }
    }

    /** An error of the client's. */
    private void refuse(Reply reply) {
        say(reply, Junk.ERROR);
    }

    /** Answers what led nowhere, unless it was once too often. */
    private void say(Reply reply, int junkWeight) {
        if (!isJunk(junkWeight)) {
            replies.add(reply);
        }
    }

    private boolean isJunk(int weight) {
        boolean over = junk.add(weight);
        if (over) {
            end(Replies.TOO_MANY_ERRORS);
        }
        return over;
    }

    @Override
    public void onVerb(Command.Verb verb) {
        switch (verb) {
            case DATA -> onData();
            case RSET -> {
                abandon();
                say(Replies.RESET, Junk.IDLE_COMMAND);
            }
            case NOOP -> say(Replies.NOTHING_DONE, Junk.IDLE_COMMAND);
            case VRFY -> say(Replies.NOT_VERIFIED, Junk.IDLE_COMMAND);
            case HELP -> say(Replies.HELP, Junk.IDLE_COMMAND);
            case QUIT -> end(Replies.BYE);
            case HTTP -> end(Replies.NOT_HTTP);
        }
    }

    /** A line that will most likely never end. */
    void onEndlessLine() {
        end(Replies.TOO_MANY_ERRORS);
    }

    @Override
    public void onBad(Command.Bad bad) {
        refuse(bad.reply());
    }

    private void onData() {
        if (!(state instanceof SessionState.Open open)) {
            say(Replies.NO_MAIL, mailRefused ? Junk.OURS : Junk.ERROR);
        } else if (!open.transaction().hasRecipients()) {
            refuse(Replies.NO_RECIPIENT);
        } else {
            IncomingContent content = intake.open(open.transaction(), progress);
            state = new SessionState.Receiving(open.transaction(), content);
            replies.add(Replies.START_CONTENT);
        }
    }

    private void handOver(Transaction transaction, IncomingContent content) {
        state = new SessionState.Handing(transaction, content);
        Reply refusal = content.refusal();
        if (refusal != null) {
            content.release();
            answer(transaction, refusal);
            return;
        }
        Histogram.Timer wait = metrics.startWait();
        intake.accept(transaction, content, progress::fault, reply -> {
            wait.observeDuration();
            answer(transaction, reply);
            progress.goOn();
        });
    }

    private void answer(Transaction transaction, Reply reply) {
        metrics.answered(reply);
        if (isOver()) {
            transaction.release();
            return; // the client has gone; it will send again what it did not hear of
        }
        transaction.release();
        state = new SessionState.Greeted(transaction.origin());
        if (reply.isPositive()) {
            junk.accepted();
            replies.add(reply);
        } else {
            say(reply, reply.isPermanent() ? Junk.IDLE_COMMAND : Junk.OURS);
        }
        if (closing && !isOver()) {
            end(Replies.CLOSING);
        }
    }

    /** Drops the transaction, if there is one. */
    private void abandon() {
        if (state instanceof SessionState.Receiving receiving) {
            receiving.content().release();
            receiving.transaction().release();
        } else if (state instanceof SessionState.Handing handing) {
            handing.content().release();
            handing.transaction().release();
        } else if (state instanceof SessionState.Open open) {
            open.transaction().release();
            state = new SessionState.Greeted(open.transaction().origin());
        }
    }

    private void end(Reply last) {
        abandon();
        replies.add(last);
        state = new SessionState.Over();
    }
}
