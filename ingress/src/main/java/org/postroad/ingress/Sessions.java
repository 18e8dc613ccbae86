package org.postroad.ingress;

import io.prometheus.client.Gauge;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The open sessions of one event loop, no more than it was given; confined to that loop.
 *
 * <p>Strangers leave a quarter to those who may relay, and one network of strangers gets a tenth: who may not relay can keep neither our
 * own clients out nor everybody else.
 *
 * @param <S> a session
 */
final class Sessions<S> {
    private final int limit;
    private final Gauge gauge;
    private final Set<S> open = new LinkedHashSet<>();
    private final Map<ByteBuffer, Integer> strangersByNetwork = new HashMap<>();
    private int strangers;

    /** What becomes of a new session. */
    enum Entry {
        ENTERED,
        NODE_FULL,
        NETWORK_FULL
    }

    Sessions(int limit, Gauge gauge) {
        this.limit = limit;
        this.gauge = gauge;
    }

    Entry enter(S session, Admission client) {
        int room =
                client.mayRelay() ? limit - open.size() : Math.min(limit - open.size(), limit - limit / 4 - strangers);
        if (room <= 0) {
            return Entry.NODE_FULL;
        }
        if (!client.mayRelay()) {
            ByteBuffer network = client.network();
            int others = strangersByNetwork.getOrDefault(network, 0);
            if (others >= Math.max(1, limit / 10)) {
                return Entry.NETWORK_FULL;
            }
            strangersByNetwork.put(network, others + 1);
            strangers++;
        }
        open.add(session);
        gauge.inc();
        return Entry.ENTERED;
    }

    void leave(S session, Admission client) {
        if (!open.remove(session)) {
            return;
        }
        gauge.dec();
        if (!client.mayRelay()) {
            strangers--;
            strangersByNetwork.computeIfPresent(
                    client.network(), (network, sessions) -> sessions == 1 ? null : sessions - 1);
        }
    }

    /** A copy: sessions leave while they are told to close. */
    List<S> open() {
        return List.copyOf(open);
    }
}
