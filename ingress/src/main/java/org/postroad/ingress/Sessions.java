package org.postroad.ingress;

import io.prometheus.client.Gauge;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The open sessions of one event loop, no more than its node may have; confined to that loop.
 *
 * @param <S> a session
 */
final class Sessions<S> {
    private final SessionCounts counts;
    private final Gauge gauge;
    private final Set<S> open = new LinkedHashSet<>();

    /** @param counts those of the node, of all its loops */
    Sessions(SessionCounts counts, Gauge gauge) {
        this.counts = counts;
        this.gauge = gauge;
    }

    SessionCounts.Entry enter(S session, Admission client) {
        SessionCounts.Entry entry = counts.enter(client);
        if (entry == SessionCounts.Entry.ENTERED) {
            open.add(session);
            gauge.inc();
        }
        return entry;
    }

    /** @param client as it was when it entered */
    void leave(S session, Admission client) {
        if (open.remove(session)) {
            gauge.dec();
            counts.leave(client);
        }
    }

    /** What all loops of the node count together. */
    SessionCounts counts() {
        return counts;
    }

    /** A copy: sessions leave while they are told to close. */
    List<S> open() {
        return List.copyOf(open);
    }
}
