package org.postroad.deploy.observer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.policy.Selector;

/** Makes a question of a request, or refuses it; immutable. */
final class AdminRequests {
    /** Which cluster is meant: a command that means another than this one's must not take its answers. */
    static final String CLUSTER = "Postroad-Kafka";

    private static final String BEARER = "Bearer ";

    private static final int DEFAULT_LIMIT = 1_000;

    private final IndexLoop loop;
    private final List<byte[]> tokens;
    private final String cluster;
    private final Clock clock;

    AdminRequests(IndexLoop loop, List<String> tokens, String cluster, Clock clock) {
        this.loop = loop;
        this.tokens = tokens.stream().map(token -> token.getBytes(UTF_8)).toList();
        this.cluster = cluster;
        this.clock = clock;
    }

    IndexLoop loop() {
        return loop;
    }

    /** What a request asks for. */
    sealed interface Asked {
        /** One object. */
        record Question(Function<Answers, Map<String, Object>> question) implements Asked {}

        /** Events as they come. */
        record Events(EventFilter filter) implements Asked {}
    }

    /** Why a request is not answered. */
    static final class RefusedRequestException extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient HttpResponseStatus status;

        RefusedRequestException(HttpResponseStatus status, String words) {
            super(words);
            this.status = status;
        }

        HttpResponseStatus status() {
            return status;
        }
    }

    Asked of(HttpRequest request) throws RefusedRequestException {
        requireRight(request);
        String wanted = request.headers().get(CLUSTER);
        if (wanted != null && !wanted.equals(cluster)) {
            throw new RefusedRequestException(HttpResponseStatus.MISDIRECTED_REQUEST, "this observes " + cluster);
        }
        try {
            QueryStringDecoder uri = new QueryStringDecoder(request.uri());
            return of(uri.path(), new Query(uri.parameters()));
        } catch (IllegalArgumentException e) {
            throw bad(String.valueOf(e.getMessage()));
        }
    }

    private void requireRight(HttpRequest request) throws RefusedRequestException {
        if (tokens.isEmpty()) {
            // A page in a browser may be made to ask under a name that leads to loopback; its name gives it away.
            String host = request.headers().get("Host", "localhost");
            if (!host.matches("localhost(:[0-9]+)?|[0-9.]+(:[0-9]+)?|\\[[0-9A-Fa-f:.]+\\](:[0-9]+)?")) {
                throw new RefusedRequestException(
                        HttpResponseStatus.FORBIDDEN, "without tokens it is asked by its address alone");
            }
            return;
        }
        String given = request.headers().get("Authorization", "");
        boolean known = false;
        if (given.startsWith(BEARER)) {
            byte[] octets = given.substring(BEARER.length()).getBytes(UTF_8);
            for (byte[] token : tokens) {
                known |= MessageDigest.isEqual(token, octets);
            }
        }
        if (!known) {
            throw new RefusedRequestException(HttpResponseStatus.UNAUTHORIZED, "a bearer token is needed");
        }
    }

    private Asked of(String path, Query query) throws RefusedRequestException {
        long now = clock.millis();
        int limit = query.number("limit", DEFAULT_LIMIT);
        if (path.equals("/v1/queue")) {
            Selector selector = query.selector();
            return selector == null
                    ? ask(answers -> answers.queue(now, limit))
                    : ask(answers -> answers.list(selector, now, limit));
        }
        if (path.startsWith("/v1/queue/")) {
            String destination = path.substring("/v1/queue/".length());
            Selector selector = query.selector();
            return ask(answers -> answers.queueOf(destination, selector, now, limit));
        }
        if (path.equals("/v1/messages")) {
            return search(query, now);
        }
        if (path.startsWith("/v1/messages/")) {
            String queueId = Ascii.upper(path.substring("/v1/messages/".length()));
            if (!QueueIds.isQueueId(queueId)) {
                throw bad("no queue id: 26 digits and capital letters");
            }
            return ask(answers -> answers.message(queueId, now));
        }
        return switch (path) {
            case "/v1/ledger" -> ask(answers -> answers.ledger(now));
            case "/v1/events" -> new Asked.Events(EventFilter.of(query.words()));
            default -> throw new RefusedRequestException(HttpResponseStatus.NOT_FOUND, "no such page");
        };
    }

    private static Asked search(Query query, long now) throws RefusedRequestException {
        String messageId = query.text("message-id");
        String recipient = query.text("recipient");
        if ((messageId == null) == (recipient == null)) {
            throw bad("either message-id or recipient");
        }
        long since = query.instant("since");
        return messageId == null
                ? ask(answers -> answers.search(false, String.valueOf(recipient), since, now))
                : ask(answers -> answers.search(true, MessageIdText.bare(messageId), since, now));
    }

    private static Asked ask(Function<Answers, Map<String, Object>> question) {
        return new Asked.Question(question);
    }

    private static RefusedRequestException bad(String words) {
        return new RefusedRequestException(HttpResponseStatus.BAD_REQUEST, words);
    }

    /** The parameters of a request, each at most once. */
    private record Query(Map<String, List<String>> parameters) {
        @Nullable
        String text(String name) {
            List<String> values = parameters.get(name);
            return values == null || values.isEmpty() ? null : values.get(0);
        }

        int number(String name, int otherwise) {
            String text = text(name);
            if (text == null) {
                return otherwise;
            }
            if (!text.matches("[0-9]{1,6}")) {
                throw new IllegalArgumentException(name + " is a number");
            }
            return Integer.parseInt(text);
        }

        long instant(String name) {
            String text = text(name);
            try {
                return text == null ? 0 : Instant.parse(text).toEpochMilli();
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(name + " is an instant such as 2026-01-31T12:00:00Z", e);
            }
        }

        /** All but the limit: the conditions of a selector. */
        Map<String, String> words() {
            Map<String, String> words = new HashMap<>();
            parameters.forEach((name, values) -> {
                if (!name.equals("limit") && !values.isEmpty()) {
                    words.put(name, values.get(0));
                }
            });
            return words;
        }

        @Nullable
        Selector selector() {
            Map<String, String> words = words();
            return words.isEmpty() ? null : Selector.of(words);
        }
    }
}
