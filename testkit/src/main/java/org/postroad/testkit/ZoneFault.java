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
        NXDOMAIN,
        /** No answer at all. */
        SILENCE,
        /** The first half of the answer's octets. */
        MALFORMED,
        /** A TC bit over UDP whatever the size. */
        TRUNCATED,
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
