package org.postroad.ingress;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.http.Answer;
import org.postroad.ingress.idempotency.Claim;
import org.postroad.ingress.quota.Refusal;
import org.postroad.schemas.Reply;

/** What HTTP says where SMTP has a reply. */
final class HttpAnswers {
    private static final long SOON_SECONDS = Refusal.SOON_SECONDS;
    private static final long BARRED_SECONDS = 300;
    private static final long FULL_SECONDS = 600;

    static final Answer CLOSING =
            Answer.later(503, "closing, come back later", SOON_SECONDS).closing();
    static final Answer FAULT =
            Answer.later(503, "cannot take the message now", SOON_SECONDS).closing();
    static final Answer CROWDED =
            Answer.later(503, "too many connections", SOON_SECONDS).closing();
    static final Answer NETWORK_CROWDED = Answer.later(429, "too many connections from your network", SOON_SECONDS)
            .closing();
    static final Answer LISTENER_CROWDED =
            Answer.later(503, "too many connections here", SOON_SECONDS).closing();
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

    /** Of a new connection for which there is no room; null where there is. */
    static @Nullable Answer of(SessionCounts.Entry entry) {
        return switch (entry) {
            case ENTERED -> null;
            case NODE_FULL -> CROWDED;
            case LISTENER_FULL -> LISTENER_CROWDED;
            case NETWORK_FULL -> NETWORK_CROWDED;
        };
    }

    /** Of a request whose mail is not written for its key's sake. */
    static Answer of(Claim.Verdict verdict) {
        return switch (verdict) {
            case ANOTHER -> Answer.problem(422, "the key was used for another request", "Idempotency-Key");
            case NO_ROOM -> Answer.later(503, "too many keys are known, try again later", FULL_SECONDS);
            case WRITE, KEPT, UNANSWERED -> Answer.later(503, "cannot look up the key now", SOON_SECONDS);
        };
    }

    static Answer tooLarge(long mostOctets) {
        return Answer.problem(413, tooLargeFor(mostOctets), null);
    }

    private static String tooLargeFor(long mostOctets) {
        return "larger than " + mostOctets + " octets";
    }

    /**
     * Of a message that is not taken.
     *
     * @param maxMessageSize octets that one may have
     * @param mails of its request, some of which are kept; empty where none is
     */
    static Answer of(Refusal refusal, long maxMessageSize, List<Answer.Mail> mails) {
        Reply reply = refusal.reply();
        if (reply.equals(Replies.TOO_LARGE)) {
            return Answer.problem(413, tooLargeFor(maxMessageSize), null, 0, mails);
        }
        if (reply.equals(Replies.SENDER_NOT_YOURS)) {
            return Answer.problem(403, "this user may not send as that address", "from", 0, mails);
        }
        if (reply.equals(Replies.LOOP)) {
            return Answer.problem(422, "it has passed too many servers: a loop", null, 0, mails);
        }
        if (reply.equals(Replies.TOO_MANY_RECIPIENTS)) {
            return Answer.problem(400, "more recipients than fit one message", "to", 0, mails);
        }
        if (refusal.overLimit() && refusal.retrySeconds() == 0) {
            return Answer.problem(422, reply.text(), "to", 0, mails);
        }
        if (reply.isPermanent()) {
            return Answer.problem(422, reply.text(), null, 0, mails); // a hook's
        }
        return Answer.problem(refusal.overLimit() ? 429 : 503, why(reply), null, refusal.retrySeconds(), mails);
    }

    private static String why(Reply reply) {
        if (reply.equals(Replies.NOT_KEPT)) {
            return "cannot keep the message now";
        }
        return reply.equals(Replies.NO_ROOM) ? "no memory for the message now" : reply.text();
    }
}
