package org.postroad.deliverer.smtp;

import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Reply;
import org.postroad.schemas.TlsPolicy;

/**
 * How a connection opens: banner, EHLO (or HELO), STARTTLS and EHLO once more; a pure state machine.
 *
 * <p>What was offered before TLS is forgotten (RFC 3207 section 4.2).
 */
final class Greeting {
    /** What to do after a reply. */
    enum Move {
        EHLO,
        HELO,
        STARTTLS,
        HANDSHAKE,
        READY,
        BREAK
    }

    private final TlsPolicy tls;
    private Step step = Step.BANNER;
    private boolean encrypted;
    private Capabilities offered = Capabilities.NONE;
    private @Nullable Breakdown breakdown;

    Greeting(TlsPolicy tls) {
        this.tls = tls;
    }

    /** The step whose reply comes next. */
    Step step() {
        return step;
    }

    Capabilities offered() {
        return offered;
    }

    boolean isEncrypted() {
        return encrypted;
    }

    /** Why, after {@link Move#BREAK}. */
    Breakdown breakdown() {
        return breakdown != null ? breakdown : Breakdown.of(Breakdown.Kind.FAULT, step, "no reason");
    }

    Move handshaken() {
        encrypted = true;
        offered = Capabilities.NONE;
        step = Step.EHLO;
        return Move.EHLO;
    }

    /** @param surplus more octets had come than this reply: nothing after it may be believed */
    Move replied(Reply reply, boolean surplus) {
        if (surplus || reply.code() / 100 == 3) {
            String detail = surplus ? "it spoke out of turn" : "the reply " + reply.code() + " to " + step.words();
            detail += "; it said: " + reply;
            return giveUp(Breakdown.of(Breakdown.Kind.GARBAGE, step, detail));
        }
        return switch (step) {
            case BANNER -> reply.isPositive() ? go(Step.EHLO, Move.EHLO) : refused(reply);
            case EHLO -> greeted(reply);
            case HELO -> reply.isPositive() ? ready() : refused(reply);
            default -> reply.isPositive() ? go(Step.HANDSHAKE, Move.HANDSHAKE) : withoutTls(reply);
        };
    }

    private Move greeted(Reply reply) {
        if (reply.isPermanent() && !encrypted) {
            return go(Step.HELO, Move.HELO);
        }
        if (!reply.isPositive()) {
            return refused(reply);
        }
        offered = Capabilities.of(reply);
        boolean upgrade = !encrypted && tls != TlsPolicy.NONE && offered.startTls();
        return upgrade ? go(Step.STARTTLS, Move.STARTTLS) : ready();
    }

    private Move ready() {
        boolean needed =
                switch (tls) {
                    case NONE, OPPORTUNISTIC -> false;
                    case REQUIRED, VERIFIED, UNKNOWN -> true;
                };
        return needed && !encrypted
                ? giveUp(Breakdown.of(Breakdown.Kind.NO_TLS, step, "STARTTLS was not offered"))
                : Move.READY;
    }

    private Move withoutTls(Reply reply) {
        return giveUp(new Breakdown(Breakdown.Kind.NO_TLS, step, reply, reply.text(), false));
    }

    private Move refused(Reply reply) {
        return giveUp(Breakdown.refused(step, reply));
    }

    private Move giveUp(Breakdown why) {
        breakdown = why;
        return Move.BREAK;
    }

    private Move go(Step next, Move move) {
        step = next;
        return move;
    }
}
