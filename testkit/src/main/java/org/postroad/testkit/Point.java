package org.postroad.testkit;

/** A named point of the SMTP dialog at which a script may act. */
public enum Point {
    /** A connection was accepted: the banner. */
    CONNECT,
    /** EHLO, HELO. */
    EHLO,
    STARTTLS,
    MAIL,
    RCPT,
    DATA,
    /** The first octets of content have come; what is played here answers nothing. */
    CONTENT,
    /** The final dot. */
    DOT,
    RSET,
    QUIT,
    /** A mail's final dot was answered; what is played here, mostly after a delay, was not asked for. */
    IDLE
}
