package org.postroad.deliverer.fate;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.ReplyClass;

/** Exchangers that ask whoever was never there before to come back (RFC 6647). */
final class Greylisting {
    /** So long mail waits that was greylisted first: the least that RFC 6647 section 5 recommends a receiver to ask for. */
    static final Duration FIRST_WAIT = Duration.ofMinutes(1);

    private Greylisting() {}

    static boolean isSaidIn(@Nullable LastReply reply) {
        return reply != null && "greylisted".equals(ReplyClass.of(reply));
    }
}
