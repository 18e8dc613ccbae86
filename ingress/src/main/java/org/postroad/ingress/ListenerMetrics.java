package org.postroad.ingress;

import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postroad.schemas.Reply;

/** One listener's share of the metrics, with every label looked up in advance. */
final class ListenerMetrics {
    private final Map<Reply, Counter.Child> refused;
    private final Counter messages;
    private final Counter.Child accepted;
    private final Counter.Child octets;
    private final Histogram ackSeconds;
    private final Counter handshakes;
    private final String listener;
    private final Counter logins;
    private final Counter.Child oddTaken;
    private final Counter.Child oddRefused;

    ListenerMetrics(
            String listener,
            Counter messages,
            Counter octets,
            Histogram ackSeconds,
            Counter oddAddresses,
            Counter handshakes,
            Counter logins) {
        this.messages = messages;
        this.accepted = messages.labels(listener, "250");
        this.refused = Stream.of(
                        Replies.NOT_KEPT, Replies.NO_ROOM, Replies.BARE_LINE_END, Replies.TOO_LARGE, Replies.LOOP)
                .collect(Collectors.toMap(
                        reply -> reply, reply -> messages.labels(listener, Integer.toString(reply.code()))));
        this.octets = octets.labels(listener);
        this.ackSeconds = ackSeconds;
        this.handshakes = handshakes;
        this.listener = listener;
        this.logins = logins;
        this.oddTaken = oddAddresses.labels(listener, "taken");
        this.oddRefused = oddAddresses.labels(listener, "refused");
    }

    /** Counts a message by what its client was told in the end. */
    void answered(Reply reply) {
        Counter.Child counter = reply.isPositive() ? accepted : refused.get(reply);
        (counter == null ? messages.labels(listener, Integer.toString(reply.code())) : counter).inc();
    }

    void received(long count) {
        octets.inc((double) count);
    }

    void oddAddress(boolean taken) {
        (taken ? oddTaken : oddRefused).inc();
    }

    void handshake(String protocol) {
        handshakes.labels(listener, protocol).inc();
    }

    void loginAnswered(Reply reply) {
        logins.labels(listener, Integer.toString(reply.code())).inc();
    }

    void handshakeFailed() {
        handshakes.labels(listener, "failed").inc();
    }

    Histogram.Timer startWait() {
        return ackSeconds.startTimer();
    }
}
