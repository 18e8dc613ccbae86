package org.postroad.ingress;

import io.prometheus.client.Gauge;

/**
 * The octets of content that one event loop holds, from the socket until Kafka has them.
 *
 * <p>Confined to its loop. Nobody is refused octets: a session that finds the budget tight keeps little and lets the
 * client wait, so the excess is at most {@link IncomingContent#EARLY_CHUNK_OCTETS} for each session.
 */
final class OctetBudget {
    private final long limit;
    private final Gauge gauge;
    private long held;

    OctetBudget(long limit, Gauge gauge) {
        this.limit = limit;
        this.gauge = gauge;
    }

    boolean isTight(long more) {
        return held + more > limit;
    }

    void take(long octets) {
        held += octets;
        gauge.inc((double) octets);
    }

    void give(long octets) {
        held -= octets;
        gauge.dec((double) octets);
    }

    long held() {
        return held;
    }
}
