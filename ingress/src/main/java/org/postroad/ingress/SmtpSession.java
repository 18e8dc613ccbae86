package org.postroad.ingress;

import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.quota.Refusal;
import org.postroad.schemas.Reply;

/**
 * The dialog with one client: RFC 5321 section 4, as a state machine that hears commands and says moves.
 *
 * <p>Confined to its event loop. Every command gets one reply, in order; a refused command changes no state. It knows no connection:
 * whoever holds one makes the {@link #moves}, after each call and whenever {@link Progress} says so. AUTH is {@link SessionLogin}'s,
 * content {@link SessionContent}'s.
 */
final class SmtpSession implements Command.Cases {
    private final IngressConfig config;
    private final ListenerMetrics metrics;
    private final Intake intake;
    private final Logins logins;
    private final SessionDialog dialog;
    private final SessionLogin login;
    private final SessionContent content;
    private final OddAddresses oddAddresses;

    /** All that were said, also what was refused (RFC 9422 section 4.1). */
    private int mails;

    /** @param progress hears what goes on without the client */
    SmtpSession(
            IngressConfig config,
            ListenerMetrics metrics,
            Admission client,
            Intake intake,
            Logins logins,
            SessionCounts counts,
            Progress progress) {
        this.config = config;
        this.metrics = metrics;
        this.intake = intake;
        this.logins = logins;
        this.dialog = new SessionDialog(client);
        this.login = new SessionLogin(dialog, logins, counts, metrics, progress);
        this.content = new SessionContent(dialog, config, metrics, intake, progress);
        this.oddAddresses = new OddAddresses(metrics);
    }

    void open() {
        dialog.say(Replies.banner(config.hostname()));
    }

    /** A handshake has ended well: all that was said before is forgotten (RFC 3207 section 4.2). */
    void onTls(TlsFacts facts) {
        login.forget();
        dialog.becomes(dialog.client().protectedBy(facts));
        dialog.to(new SessionState.Fresh());
    }

    /** Who it is with, as far as that is known by now. */
    Admission client() {
        return dialog.client();
    }

    /** What is to be done, in this order; whoever does it takes it out. */
    Queue<Move> moves() {
        return dialog.moves();
    }

    void onCommand(Command command) {
        command.tell(this);
    }

    /** The content that was asked for has taken so many octets more. */
    void onContent(long octets) {
        content.onContent(octets);
    }

    /** What hears the lines of AUTH. */
    LoginExchange exchange() {
        return login.exchange();
    }

    boolean isWithinContent() {
        return dialog.state() instanceof SessionState.WithinContent;
    }

    boolean hasBegunAMessage() {
        return dialog.state() instanceof SessionState.InTransaction;
    }

    /** What was done for the client failed in a way nobody foresaw; it may send again. */
    void onFault() {
        if (dialog.state() instanceof SessionState.Receiving || dialog.state() instanceof SessionState.Handing) {
            metrics.answered(Replies.NOT_KEPT);
        }
        end(Replies.NOT_KEPT);
    }

    /** The node closes: the session ends now, or once it has answered for the message it holds. */
    void onClosing() {
        content.closeAfterAnswer();
        if (!(dialog.state() instanceof SessionState.Handing) && !dialog.isOver()) {
            end(Replies.CLOSING);
        }
    }

    /** The connection is gone, and with it the transaction, unless the final dot was seen. */
    void onGone() {
        login.forget();
        dialog.state().release();
        dialog.to(new SessionState.Over());
    }

    /** Says the last word. */
    void end(Reply last) {
        dialog.end(last);
    }

    @Override
    public void onHello(Command.Hello hello) {
        dialog.abandon();
        content.mailRefused(false);
        if (!(dialog.state() instanceof SessionState.Fresh) && dialog.isJunk(Junk.IDLE_COMMAND)) {
            return;
        }
        Admission client = dialog.client();
        dialog.to(new SessionState.Greeted(new Origin(client, hello.greeting(), hello.extended())));
        dialog.say(
                hello.extended()
                        ? Replies.extensions(config, client, logins.mechanisms(client), intake.nowMillis())
                        : Replies.hello(config.hostname()));
    }

    @Override
    public void onMail(Command.Mail mail) {
        Admission client = dialog.client();
        if (++mails > client.listener().limits().messagesPerSession()) {
            end(Replies.TOO_MANY_MESSAGES);
        } else if (dialog.state() instanceof SessionState.Fresh) {
            dialog.refuse(Replies.SAY_HELLO);
        } else if (!(dialog.state() instanceof SessionState.Greeted greeted)) {
            dialog.refuse(Replies.NESTED_MAIL);
        } else if (client.mustLogIn()) {
            dialog.refuse(Replies.LOGIN_NEEDED);
        } else if (mail.flaw() != null && !oddAddresses.areTakenFrom(client, mail.flaw())) {
            dialog.refuse(mail.flaw());
        } else if (!config.termsOf(client.user()).maySendAs(mail.reversePath())) {
            dialog.refuse(Replies.SENDER_NOT_YOURS);
        } else if (mail.options().asksForReports() && !client.mayAskForReports()) {
            dialog.refuse(notOffered(client));
        } else if (mail.options().release() != null && client.user() == null) {
            dialog.refuse(notOffered(client));
        } else if (mail.options().requireTls() && client.tls() == null) {
            dialog.refuse(Replies.ENCRYPTION_NEEDED);
        } else if (isHeldTooLong(mail.options().release())) {
            dialog.refuse(Replies.HELD_TOO_LONG);
        } else if (mail.options().size() > config.maxMessageSize(client.listener())) {
            dialog.refuse(Replies.TOO_LARGE);
        } else {
            begin(greeted.origin(), mail);
        }
    }

    private boolean isHeldTooLong(@Nullable ReleaseTime release) {
        return release != null && release.isTooLate(intake.nowMillis());
    }

    /** Of a parameter that not everybody hears of. */
    private static Reply notOffered(Admission client) {
        return client.mayLogIn() ? Replies.LOGIN_NEEDED : Replies.UNKNOWN_PARAMETER;
    }

    private void begin(Origin origin, Command.Mail mail) {
        Refusal refusal = intake.refusal(origin.client());
        content.mailRefused(refusal != null);
        if (refusal == null) {
            dialog.to(new SessionState.Open(intake.begin(origin, mail)));
            dialog.say(Replies.SENDER_OK);
        } else {
            metrics.answered(refusal.reply());
            dialog.sayUnlessJunk(refusal.reply(), Junk.OURS);
        }
    }

    @Override
    public void onRcpt(Command.Rcpt rcpt) {
        Admission client = dialog.client();
        if (!(dialog.state() instanceof SessionState.Open open)) {
            content.refuseWithoutMail();
        } else if (!client.mayName(rcpt.recipient(), config.postmaster())) {
            dialog.refuse(Replies.RELAYING_DENIED);
        } else if (rcpt.flaw() != null && !oddAddresses.areTakenFrom(client, rcpt.flaw())) {
            dialog.refuse(rcpt.flaw());
        } else if (rcpt.options().asksForReports() && !client.mayAskForReports()) {
            dialog.refuse(notOffered(client));
        } else if (!open.transaction().smtpUtf8()
                && !CommandParser.isAscii(rcpt.recipient().toString())) {
            dialog.refuse(Replies.NEEDS_SMTPUTF8);
        } else if (!open.transaction().smtpUtf8() && rcpt.options().needsSmtpUtf8()) {
            dialog.refuse(Replies.BAD_ARGUMENTS);
        } else {
            Refusal refusal = intake.refusal(open.transaction());
            if (refusal != null) {
                dialog.sayUnlessJunk(refusal.reply(), Junk.OURS);
                return;
            }
            switch (open.transaction().add(rcpt.recipient(), rcpt.options())) {
                case TAKEN -> dialog.say(Replies.RECIPIENT_OK);
                case KNOWN ->
                    dialog.sayUnlessJunk(Replies.RECIPIENT_OK, Junk.OURS); // lists name some twice, but none for ever
                case TOO_MANY -> dialog.sayUnlessJunk(Replies.TOO_MANY_RECIPIENTS, Junk.OURS);
                case NO_ROOM -> dialog.sayUnlessJunk(Replies.NO_ROOM, Junk.OURS);
            }
        }
    }

    @Override
    public void onAuth(Command.Auth auth) {
        login.onAuth(auth);
    }

    @Override
    public void onBdat(Command.Bdat bdat) {
        content.onBdat(bdat);
    }

    @Override
    public void onVerb(Command.Verb verb) {
        switch (verb) {
            case DATA -> content.onData();
            case UNREADABLE_BDAT -> end(Replies.BAD_BDAT);
            case RSET -> {
                dialog.abandon();
                content.mailRefused(false);
                dialog.sayUnlessJunk(Replies.RESET, Junk.IDLE_COMMAND);
            }
            case STARTTLS -> onStartTls();
            case NOOP -> dialog.sayUnlessJunk(Replies.NOTHING_DONE, Junk.IDLE_COMMAND);
            case VRFY -> dialog.sayUnlessJunk(Replies.NOT_VERIFIED, Junk.IDLE_COMMAND);
            case HELP -> dialog.sayUnlessJunk(Replies.HELP, Junk.IDLE_COMMAND);
            case QUIT -> end(Replies.BYE);
            case HTTP -> end(Replies.NOT_HTTP);
        }
    }

    private void onStartTls() {
        if (dialog.client().tls() != null) {
            dialog.refuse(Replies.TLS_ALREADY);
        } else if (!dialog.client().mayStartTls()) {
            dialog.refuse(Replies.NO_TLS_HERE);
        } else if (hasBegunAMessage()) {
            dialog.refuse(Replies.NESTED_MAIL);
        } else {
            dialog.say(Replies.START_TLS);
            dialog.moves().add(Move.Step.START_TLS);
        }
    }

    @Override
    public void onBad(Command.Bad bad) {
        dialog.refuse(bad.reply());
    }
}
