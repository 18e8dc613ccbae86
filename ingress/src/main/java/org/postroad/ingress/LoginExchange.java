package org.postroad.ingress;

import java.util.Base64;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.auth.Credentials.Verdict;
import org.postroad.ingress.auth.Mechanism;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One exchange that AUTH began (RFC 4954 section 4): hears the client's lines, says moves, and tells once how it ended. */
final class LoginExchange {
    private static final Logger LOG = LoggerFactory.getLogger(LoginExchange.class);
    private static final byte[] NOTHING = {};

    /** Of a name in the log, whatever a client calls itself. */
    private static final int NAME_OCTETS = 64;

    private final Logins logins;
    private final Admission client;
    private final Mechanism mechanism;
    private final Queue<Move> moves;
    private final Progress progress;
    private final Consumer<Reply> end;

    /**
     * One that has not begun.
     *
     * @param progress hears of what was waited for
     * @param end hears the last word: {@link Replies#LOGGED_IN}, or why not
     */
    LoginExchange(
            Logins logins,
            Admission client,
            Mechanism mechanism,
            Queue<Move> moves,
            Progress progress,
            Consumer<Reply> end) {
        this.logins = logins;
        this.client = client;
        this.mechanism = mechanism;
        this.moves = moves;
        this.progress = progress;
        this.end = end;
    }

    /** Who logs in, once that is known. */
    String user() {
        return mechanism.user();
    }

    /** @param initial in Base64, "=" where it is empty, null where there was none */
    void begin(@Nullable String initial) {
        if (initial == null) {
            goOn(mechanism.begin(null));
        } else {
            byte[] octets = initial.equals("=") ? NOTHING : decoded(initial);
            goOn(octets == null ? Mechanism.Step.Refused.MALFORMED : mechanism.begin(octets));
        }
    }

    void answered(String base64) {
        if (base64.equals("*")) {
            end.accept(Replies.LOGIN_CANCELLED);
        } else {
            byte[] octets = decoded(base64);
            goOn(octets == null ? Mechanism.Step.Refused.MALFORMED : mechanism.answered(octets));
        }
    }

    void answeredTooLong() {
        end.accept(Replies.LOGIN_LINE_TOO_LONG);
    }

    private static byte @Nullable [] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private void goOn(Mechanism.Step step) {
        boolean isProving = mechanism.canBeGuessed() && !mechanism.sendsPassword() && !user().isEmpty();
        if ((isProving || step == Mechanism.Step.Refused.WRONG) && logins.isBarred(client, user())) {
            judged(Verdict.BARRED); // before anything is said that tells a right guess from a wrong one
        } else if (step instanceof Mechanism.Step.Challenge challenge) {
            moves.add(new Move.Say(Replies.challenge(challenge.octets())));
            moves.add(Move.Step.TAKE_AUTH_LINE);
        } else if (step instanceof Mechanism.Step.Check check) {
            moves.add(Move.Step.WAIT);
            logins.check(client, check, this::judgedLate);
        } else if (step instanceof Mechanism.Step.Proven) {
            judged(Verdict.RIGHT);
        } else if (step == Mechanism.Step.Refused.WRONG) {
            moves.add(Move.Step.WAIT);
            logins.failed(client, user(), () -> judgedLate(Verdict.WRONG));
        } else {
            end.accept(Replies.LOGIN_MALFORMED);
        }
    }

    private void judgedLate(Verdict verdict) {
        judged(verdict);
        progress.goOn();
    }

    private void judged(Verdict verdict) {
        if (verdict == Verdict.WRONG) {
            LOG.atInfo()
                    .addKeyValue("client", client.addressText())
                    .addKeyValue("listener", client.listener().name())
                    .addKeyValue("user", Caps.cut(user(), NAME_OCTETS))
                    .log("a login failed");
        }
        end.accept(
                switch (verdict) {
                    case RIGHT -> Replies.LOGGED_IN;
                    case WRONG -> Replies.LOGIN_WRONG;
                    case BUSY -> Replies.LOGIN_BUSY;
                    case BARRED -> Replies.LOGIN_BARRED;
                });
    }
}
