package org.postroad.ingress;

import io.prometheus.client.Gauge;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The open sessions of one event loop, no more than it was given; confined to that loop. */
final class Sessions {
    private final int limit;
    private final Gauge gauge;
    private final Set<CommandDecoder> open = new LinkedHashSet<>();

    Sessions(int limit, Gauge gauge) {
        this.limit = limit;
        this.gauge = gauge;
    }

    /** Whether there is room for another. */
    boolean admit(CommandDecoder session) {
        if (open.size() == limit) {
            return false;
        }
        open.add(session);
        gauge.inc();
        return true;
    }

    void leave(CommandDecoder session) {
        if (open.remove(session)) {
            gauge.dec();
        }
    }

    /** A copy: sessions leave while they are told to close. */
    List<CommandDecoder> open() {
        return List.copyOf(open);
    }
}
