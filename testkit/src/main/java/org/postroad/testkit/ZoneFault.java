package org.postroad.testkit;

import java.time.Duration;

/** What is wrong with the answers for a name. */
public record ZoneFault(Kind kind, Duration delay) {
    /** The ways in which a name server fails. */
    public enum Kind {
        SERVFAIL,
        REFUSED,
        NOTIMP,
        FORMERR,
        /** Nothing, from a server that neither knows nor asks others. */
        LAME,
        /** Nothing, from a server that says it asks others. */
        EMPTY,
        /** Only the name servers of the root, to ask instead. */
        REFERRAL,
        /** The answer to a question that was not asked. */
        OTHER_QUESTION,
        /** To the question that was asked, records of another name. */
        OTHER_NAMES,
        /** The question itself, sent back. */
        ECHO,
        NXDOMAIN,
        /** No answer at all. */
        SILENCE,
        /** The first half of the answer's octets. */
        MALFORMED,
        /** A TC bit over UDP whatever the size. */
        TRUNCATED,
        /** The same, and no answer over TCP. */
        TRUNCATED_THEN_SILENCE,
        /** The same, and TCP connections that end at once. */
        TRUNCATED_THEN_CLOSED,
        /** The right answer, late. */
        LATE
    }

    public static ZoneFault of(Kind kind) {
        return new ZoneFault(kind, Duration.ZERO);
    }

    public static ZoneFault late(Duration delay) {
        return new ZoneFault(Kind.LATE, delay);
    }
}
