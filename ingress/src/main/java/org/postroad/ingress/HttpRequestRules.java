package org.postroad.ingress;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.auth.Credentials.Verdict;
import org.postroad.ingress.http.Answer;
import org.postroad.ingress.http.OpenApi;
import org.postroad.ingress.http.RawEnvelope;
import org.postroad.ingress.http.RequestHead;
import org.postroad.ingress.http.UnfitRequestException;
import org.postroad.ingress.quota.Refusal;
import org.postroad.schemas.Reply;

/** What is taken of whom, before any of a body is read. */
final class HttpRequestRules {
    private final HttpParts parts;
    private final Admission client;

    HttpRequestRules(HttpParts parts, Admission client) {
        this.parts = parts;
        this.client = client;
    }

    /** The answer to a request that needs no body to be read; null where one does. */
    @Nullable
    Answer answerWithoutBody(RequestHead head) {
        if (head.expectation() != null && !head.awaitsContinue()) {
            return Answer.problem(417, "only 100-continue may be expected", "Expect");
        }
        return switch (head.path()) {
            case RequestHead.OPENAPI ->
                head.isGet() || head.isHead() ? OpenApi.answer() : Answer.notAllowed("GET, HEAD");
            case RequestHead.MESSAGES -> head.isPost() ? unreadable(head) : Answer.notAllowed("POST");
            default -> Answer.problem(404, "there is nothing here; mail is posted to " + RequestHead.MESSAGES, null);
        };
    }

    private @Nullable Answer unreadable(RequestHead head) {
        if (head.form() == null) {
            return Answer.problem(415, "neither message/rfc822 nor application/json", "Content-Type");
        }
        if (head.isCompressed()) {
            return Answer.problem(415, "no encoding is taken", "Content-Encoding");
        }
        if (head.hasUnfitKey()) {
            return Answer.problem(400, "not one key of 1 to 255 characters of ASCII, none a space", "Idempotency-Key");
        }
        long most = head.form() == RequestHead.Form.JSON
                ? JsonBody.MOST_OCTETS
                : parts.config().maxMessageSize(client.listener());
        return head.contentLength() > most ? HttpAnswers.tooLarge(most) : null;
    }

    /** Whether it has to be known who the client is. */
    boolean wantsLogin(RequestHead head) {
        return client.mustLogIn() || client.mayLogIn() && (head.hasLogin() || !mayRelay(head));
    }

    /** A proxy on this machine or next to it has the address of one whom we trust, and speaks for the whole world. */
    private boolean mayRelay(RequestHead head) {
        boolean isByAddressAlone = client.user() == null && Network.isPrivate(client.address());
        return client.mayRelay() && !(isByAddressAlone && head.isForwarded());
    }

    /** Why a login failed; null for one that did not. */
    static @Nullable Answer of(Verdict verdict, ListenerMetrics metrics) {
        Reply reply =
                switch (verdict) {
                    case RIGHT -> Replies.LOGGED_IN;
                    case WRONG -> Replies.LOGIN_WRONG;
                    case BUSY -> Replies.LOGIN_BUSY;
                    case BARRED -> Replies.LOGIN_BARRED;
                };
        metrics.loginAnswered(reply);
        return switch (verdict) {
            case RIGHT -> null;
            case WRONG -> HttpAnswers.LOGIN_WRONG;
            case BUSY -> HttpAnswers.LOGIN_BUSY;
            case BARRED -> HttpAnswers.LOGIN_BARRED;
        };
    }

    /** Why nothing is taken from this client now; null where something is. */
    @Nullable
    Answer refusal(RequestHead head) {
        if (!mayRelay(head)) {
            return client.listener().auth() == Auth.NONE ? HttpAnswers.NOT_ALLOWED : HttpAnswers.LOGIN_NEEDED;
        }
        if (head.isOfAWebPage() && client.user() == null) {
            // Somebody's page in the browser of one whom we trust for his address.
            return HttpAnswers.NOT_ALLOWED;
        }
        Reply unwell = parts.intake().refusal();
        return unwell == null ? null : HttpAnswers.of(Refusal.of(unwell), 0, List.of());
    }

    /** What takes the body. */
    static PostedBody body(RequestHead head, PostedMail mail) throws UnfitRequestException {
        long size = head.contentLength();
        if (head.form() == RequestHead.Form.JSON) {
            return new JsonBody(mail, size);
        }
        RawEnvelope envelope = RawEnvelope.of(head);
        return mail.isKept() ? new RepeatedBody(mail, envelope) : new RawBody(mail, envelope, size);
    }
}
