package org.postroad.ingress;

import org.postroad.ingress.http.Answer;
import org.postroad.schemas.Reply;

/** What HTTP says where SMTP has a reply. */
final class HttpAnswers {
    /** Kafka's elections and full buffers take about so long. */
    private static final long SOON_SECONDS = 5;

    private static final long BARRED_SECONDS = 300;

    static final Answer CLOSING =
            Answer.later(503, "closing, come back later", SOON_SECONDS).closing();
    static final Answer FAULT =
            Answer.later(503, "cannot take the message now", SOON_SECONDS).closing();
    static final Answer CROWDED =
            Answer.later(503, "too many connections", SOON_SECONDS).closing();
    static final Answer NETWORK_CROWDED = Answer.later(429, "too many connections from your network", SOON_SECONDS)
            .closing();
    static final Answer NO_ROOM = Answer.later(503, "no memory for the message now", SOON_SECONDS);
    static final Answer TOO_SLOW =
            Answer.problem(408, "the request came too slowly", null).closing();
    static final Answer BROKEN_BODY = Answer.problem(400, "the body is not what its header fields say", null)
            .closing();
    static final Answer LOGIN_NEEDED = Answer.problem(401, "log in by Basic authentication", "Authorization");
    static final Answer LOGIN_WRONG = Answer.problem(401, "wrong user or password", "Authorization");
    static final Answer LOGIN_BUSY = Answer.later(503, "cannot check passwords now", SOON_SECONDS);
    static final Answer LOGIN_BARRED =
            Answer.later(429, "too many failed logins", BARRED_SECONDS).closing();
    static final Answer NOT_ALLOWED = Answer.problem(403, "you may not send from here", null);

    private HttpAnswers() {}

    static Answer tooLarge(long mostOctets) {
        return Answer.problem(413, "larger than " + mostOctets + " octets", null);
    }

    /** Of one that refuses content, or mail that Kafka does not keep. */
    static Answer of(Reply refusal, IngressConfig config) {
        if (refusal.equals(Replies.TOO_LARGE)) {
            return tooLarge(config.maxMessageSize());
        }
        if (refusal.equals(Replies.LOOP)) {
            return Answer.problem(422, "it has passed too many servers: a loop", null);
        }
        return later(refusal);
    }

    /** Of one that says 4xx. */
    static Answer later(Reply refusal) {
        return Answer.later(503, why(refusal), SOON_SECONDS);
    }

    static String why(Reply refusal) {
        return refusal.equals(Replies.NO_ROOM) ? "no memory for the message now" : "cannot keep the message now";
    }

    static long soonSeconds() {
        return SOON_SECONDS;
    }
}
