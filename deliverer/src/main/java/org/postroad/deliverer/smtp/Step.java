package org.postroad.deliverer.smtp;

import java.time.Duration;
import org.postroad.schemas.Ascii;

/**
 * The steps of the dialog, one row each: how long the exchanger may take, whom its refusal is about, and what we call it.
 *
 * <p>The limits are the least that RFC 5321 section 4.5.3.2 asks of a client; it names none for connecting, greeting
 * by EHLO, TLS and RSET.
 */
public enum Step {
    CONNECT(Duration.ofSeconds(30), Scope.SITE, "connecting"),
    BANNER(Duration.ofMinutes(5), Scope.SITE, "waiting for its banner"),
    EHLO(Duration.ofMinutes(5), Scope.SITE, "EHLO"),
    HELO(Duration.ofMinutes(5), Scope.SITE, "HELO"),
    STARTTLS(Duration.ofMinutes(2), Scope.SITE, "STARTTLS"),
    HANDSHAKE(Duration.ofMinutes(1), Scope.SITE, "the TLS handshake"),
    RSET(Duration.ofMinutes(1), Scope.SITE, "RSET"),
    MAIL(Duration.ofMinutes(5), Scope.MESSAGE, "MAIL FROM"),
    RCPT(Duration.ofMinutes(5), Scope.RECIPIENT, "RCPT TO"),
    DATA(Duration.ofMinutes(2), Scope.MESSAGE, "DATA"),
    CONTENT(Duration.ofMinutes(3), Scope.MESSAGE, "sending the content"),
    DOT(Duration.ofMinutes(10), Scope.MESSAGE, "the end of the content"),
    /** The end of an empty message, sent only because DATA was answered although no recipient was. */
    LONE_DOT(Duration.ofMinutes(2), Scope.SITE, "the end of nothing");

    /** Whom a refusal is about. */
    public enum Scope {
        SITE,
        MESSAGE,
        RECIPIENT
    }

    private final long limitNanos;
    private final Scope scope;
    private final String words;
    private final String stage = Ascii.lower(name());

    Step(Duration limit, Scope scope, String words) {
        this.limitNanos = limit.toNanos();
        this.scope = scope;
        this.words = words;
    }

    public long limitNanos() {
        return limitNanos;
    }

    /** What it means when it takes longer before any mail is under way: the same as where the network notices first. */
    Breakdown.Kind silence() {
        return switch (this) {
            case CONNECT -> Breakdown.Kind.UNREACHABLE;
            case HANDSHAKE -> Breakdown.Kind.NO_TLS;
            default -> Breakdown.Kind.TIMEOUT;
        };
    }

    public Scope scope() {
        return scope;
    }

    /** What was going on, as in "lost connection while ...". */
    public String words() {
        return words;
    }

    /** The name in metrics. */
    public String stage() {
        return stage;
    }
}
