package org.postroad.ingress;

import io.prometheus.client.Histogram;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.auth.Mechanism;
import org.postroad.schemas.Reply;

/**
 * The dialog with one client: RFC 5321 section 4, as a state machine that hears commands and says moves.
 *
 * <p>Confined to its event loop. Every command gets one reply, in order; a refused command changes no state. It knows no connection:
 * whoever holds one makes the {@link #moves}, after each call and whenever {@link Progress} says so.
 */
final class SmtpSession implements Command.Cases {
    private final IngressConfig config;
    private final ListenerMetrics metrics;
    private final Intake intake;
    private final Logins logins;
    private final Progress progress;
    private final Queue<Move> moves = new ArrayDeque<>();
    private SessionState state = new SessionState.Fresh();
    private Admission client;
    private final Junk junk = new Junk();
    private final OddAddresses oddAddresses;
    private boolean closing;

    /** What a client had already said behind a MAIL that we refused is no error of its own. */
    private boolean mailRefused;

    /** @param progress hears what goes on without the client */
    SmtpSession(
            IngressConfig config,
            ListenerMetrics metrics,
            Admission client,
            Intake intake,
            Logins logins,
            Progress progress) {
        this.config = config;
        this.metrics = metrics;
        this.oddAddresses = new OddAddresses(metrics);
        this.client = client;
        this.intake = intake;
        this.logins = logins;
        this.progress = progress;
    }

    void open() {
        say(Replies.banner(config.hostname()));
    }

    /** A handshake has ended well: all that was said before is forgotten (RFC 3207 section 4.2). */
    void onTls(TlsFacts facts) {
        client = client.protectedBy(facts);
        state = new SessionState.Fresh();
    }

    /** What is to be done, in this order; whoever does it takes it out. */
    Queue<Move> moves() {
        return moves;
    }

    private boolean isOver() {
        return state instanceof SessionState.Over;
    }

    void onCommand(Command command) {
        command.tell(this);
    }

    /** The content that was asked for has taken so many octets more. */
    void onContent(long octets) {
        if (!(state instanceof SessionState.Receiving receiving)) {
            throw new IllegalStateException("content in " + state);
        }
        metrics.received(octets);
        if (receiving.content().ended()) {
            handOver(receiving.transaction(), receiving.content());
        } else if (receiving.chunks() != null && !receiving.content().wantsMore()) {
            chunkTaken(receiving.transaction(), receiving.content(), receiving.chunks());
        }
    }

    boolean isWithinContent() {
        return state instanceof SessionState.WithinContent;
    }

    boolean hasBegunAMessage() {
        return state instanceof SessionState.InTransaction;
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
        state.release();
        state = new SessionState.Over();
    }

    @Override
    public void onHello(Command.Hello hello) {
        abandon();
        mailRefused = false;
        if (!(state instanceof SessionState.Fresh) && isJunk(Junk.IDLE_COMMAND)) {
            return;
        }
        Origin origin = new Origin(client, hello.greeting(), hello.extended());
        state = new SessionState.Greeted(origin);
        say(
                hello.extended()
                        ? Replies.extensions(config, client, logins.mechanisms())
                        : Replies.hello(config.hostname()));
    }

    @Override
    public void onMail(Command.Mail mail) {
        if (state instanceof SessionState.Fresh) {
            refuse(Replies.SAY_HELLO);
        } else if (!(state instanceof SessionState.Greeted greeted)) {
            refuse(Replies.NESTED_MAIL);
        } else if (client.mustLogIn()) {
            refuse(Replies.LOGIN_NEEDED);
        } else if (mail.flaw() != null && !oddAddresses.areTakenFrom(client, mail.flaw())) {
            refuse(mail.flaw());
        } else if (mail.size() > config.maxMessageSize()) {
            refuse(Replies.TOO_LARGE);
        } else {
            begin(greeted.origin(), mail);
        }
    }

    private void onStartTls() {
        if (client.tls() != null) {
            refuse(Replies.TLS_ALREADY);
        } else if (!client.mayStartTls()) {
            refuse(Replies.NO_TLS_HERE);
        } else if (hasBegunAMessage()) {
            refuse(Replies.NESTED_MAIL);
        } else {
            say(Replies.START_TLS);
            moves.add(Move.Step.START_TLS);
        }
    }

    @Override
    public void onAuth(Command.Auth auth) {
        Mechanism mechanism = logins.mechanism(auth.mechanism());
        if (client.user() != null) {
            refuse(Replies.LOGGED_IN_ALREADY);
        } else if (!(state instanceof SessionState.Greeted greeted)) {
            refuse(state instanceof SessionState.Fresh ? Replies.SAY_HELLO : Replies.NESTED_MAIL);
        } else if (client.listener().auth() == Auth.NONE) {
            refuse(Replies.NO_LOGIN_HERE);
        } else if (!client.mayLogIn()) {
            refuse(Replies.TLS_NEEDED);
        } else if (mechanism == null) {
            refuse(Replies.UNKNOWN_MECHANISM);
        } else {
            LoginExchange exchange = new LoginExchange(logins, client, mechanism, moves, progress, this::loginEnded);
            state = new SessionState.LoggingIn(greeted.origin(), exchange);
            exchange.begin(auth.initial());
        }
    }

    /** What hears the lines of AUTH. */
    LoginExchange exchange() {
        if (state instanceof SessionState.LoggingIn login) {
            return login.exchange();
        }
        throw new IllegalStateException("a line of AUTH in " + state);
    }

    private void loginEnded(Reply reply) {
        metrics.loginAnswered(reply);
        if (!(state instanceof SessionState.LoggingIn login)) {
            return; // the client has gone
        }
        Origin origin = login.origin();
        moves.add(Move.Step.TAKE_COMMANDS);
        if (reply.isPositive()) {
            client = client.loggedIn(login.exchange().user());
            state = new SessionState.Greeted(new Origin(client, origin.greeting(), origin.extended()));
            say(reply);
        } else if (reply == Replies.LOGIN_BARRED) {
            end(reply);
        } else {
            state = new SessionState.Greeted(origin);
            sayUnlessJunk(reply, reply.isPermanent() ? Junk.FAILED_LOGIN : Junk.OURS);
        }
    }

    private void begin(Origin origin, Command.Mail mail) {
        Reply refusal = intake.refusal();
        if (refusal == null) {
            mailRefused = false;
            state = new SessionState.Open(intake.begin(origin, mail));
            say(Replies.SENDER_OK);
        } else {
            metrics.answered(refusal);
            mailRefused = true;
            sayUnlessJunk(refusal, Junk.OURS);
        }
    }

    @Override
    public void onRcpt(Command.Rcpt rcpt) {
        if (!(state instanceof SessionState.Open open)) {
            sayUnlessJunk(Replies.NO_MAIL, mailRefused ? Junk.OURS : Junk.ERROR);
        } else if (!client.mayName(rcpt.recipient(), config.postmaster())) {
            refuse(Replies.RELAYING_DENIED);
        } else if (rcpt.flaw() != null && !oddAddresses.areTakenFrom(client, rcpt.flaw())) {
            refuse(rcpt.flaw());
        } else if (!open.transaction().smtpUtf8()
                && !CommandParser.isAscii(rcpt.recipient().toString())) {
            refuse(Replies.NEEDS_SMTPUTF8);
        } else {
            switch (open.transaction().add(rcpt.recipient())) {
                case TAKEN -> say(Replies.RECIPIENT_OK);
                case KNOWN ->
                    sayUnlessJunk(Replies.RECIPIENT_OK, Junk.OURS); // lists name some twice, but none for ever
                case TOO_MANY -> sayUnlessJunk(Replies.TOO_MANY_RECIPIENTS, Junk.OURS);
                case NO_ROOM -> sayUnlessJunk(Replies.NO_ROOM, Junk.OURS);
            }
        }
    }

    /** An error of the client's. */
    private void refuse(Reply reply) {
        sayUnlessJunk(reply, Junk.ERROR);
    }

    /** Answers what led nowhere, unless it was once too often. */
    private void sayUnlessJunk(Reply reply, int junkWeight) {
        if (!isJunk(junkWeight)) {
            say(reply);
        }
    }

    private void say(Reply reply) {
        moves.add(new Move.Say(reply));
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
            case UNREADABLE_BDAT -> end(Replies.BAD_BDAT);
            case RSET -> {
                abandon();
                mailRefused = false;
                sayUnlessJunk(Replies.RESET, Junk.IDLE_COMMAND);
            }
            case STARTTLS -> onStartTls();
            case NOOP -> sayUnlessJunk(Replies.NOTHING_DONE, Junk.IDLE_COMMAND);
            case VRFY -> sayUnlessJunk(Replies.NOT_VERIFIED, Junk.IDLE_COMMAND);
            case HELP -> sayUnlessJunk(Replies.HELP, Junk.IDLE_COMMAND);
            case QUIT -> end(Replies.BYE);
            case HTTP -> end(Replies.NOT_HTTP);
        }
    }

    @Override
    public void onBad(Command.Bad bad) {
        refuse(bad.reply());
    }

    private void onData() {
        if (state instanceof SessionState.Chunked) {
            refuse(Replies.DATA_AFTER_BDAT);
        } else if (state instanceof SessionState.Open open && open.transaction().hasRecipients()) {
            say(Replies.START_CONTENT);
            receive(open.transaction(), intake.open(open.transaction(), new DotDecoder(), progress), null);
        } else {
            refuseContent();
        }
    }

    @Override
    public void onBdat(Command.Bdat bdat) {
        if (bdat.octets() > 2 * config.maxMessageSize()) {
            end(Replies.TOO_LARGE); // reading so much only to drop it serves nobody
        } else if (state instanceof SessionState.Chunked chunked) {
            chunked.chunks().expect(bdat.octets(), bdat.last());
            receive(chunked.transaction(), chunked.content(), chunked.chunks());
        } else if (state instanceof SessionState.Open open && open.transaction().hasRecipients()) {
            ChunkDecoder chunks = new ChunkDecoder();
            chunks.expect(bdat.octets(), bdat.last());
            receive(open.transaction(), intake.open(open.transaction(), chunks, progress), chunks);
        } else {
            refuseContent();
            moves.add(new Move.Skip(bdat.octets())); // RFC 3030 section 2: it comes all the same
        }
    }

    private void refuseContent() {
        if (state instanceof SessionState.Open) {
            refuse(Replies.NO_RECIPIENT);
        } else {
            sayUnlessJunk(Replies.NO_MAIL, mailRefused ? Junk.OURS : Junk.ERROR);
        }
    }

    private void receive(Transaction transaction, IncomingContent content, @Nullable ChunkDecoder chunks) {
        state = new SessionState.Receiving(transaction, content, chunks);
        moves.add(new Move.TakeContent(content));
        if (!content.wantsMore()) {
            onContent(0); // a chunk of no octets
        }
    }

    private void chunkTaken(Transaction transaction, IncomingContent content, ChunkDecoder chunks) {
        moves.add(Move.Step.TAKE_COMMANDS);
        Reply refusal = content.refusal();
        if (refusal == null) {
            state = new SessionState.Chunked(transaction, content, chunks);
            sayUnlessJunk(Replies.CHUNK_TAKEN, chunks.isSmall() ? Junk.OURS : 0);
        } else {
            metrics.answered(refusal);
            abandon();
            mailRefused = true; // and with it what comes behind
            sayUnlessJunk(refusal, refusal.isPermanent() ? Junk.IDLE_COMMAND : Junk.OURS);
        }
    }

    private void handOver(Transaction transaction, IncomingContent content) {
        state = new SessionState.Handing(transaction, content);
        moves.add(Move.Step.WAIT);
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
        transaction.release();
        if (isOver()) {
            return; // the client has gone; it will send again what it did not hear of
        }
        state = new SessionState.Greeted(transaction.origin());
        moves.add(Move.Step.TAKE_COMMANDS);
        if (reply.isPositive()) {
            junk.accepted();
            say(reply);
        } else {
            sayUnlessJunk(reply, reply.isPermanent() ? Junk.IDLE_COMMAND : Junk.OURS);
        }
        if (closing && !isOver()) {
            end(Replies.CLOSING);
        }
    }

    /** Drops the transaction, if there is one. */
    private void abandon() {
        state.release();
        if (state instanceof SessionState.InTransaction begun) {
            state = new SessionState.Greeted(begun.transaction().origin());
        }
    }

    /** Says the last word. */
    void end(Reply last) {
        state.release();
        state = new SessionState.Over();
        say(last);
        moves.add(Move.Step.CLOSE);
    }
}
