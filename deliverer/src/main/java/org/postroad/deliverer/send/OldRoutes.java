package org.postroad.deliverer.send;

import java.time.Duration;
import org.postroad.deliverer.fate.RoutePolicy;
import org.postroad.schemas.Delivery;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes routes that are too old visible: counts all, and says so once a minute where fresh ones are; confined to a loop. */
final class OldRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(OldRoutes.class);
    private static final long SILENCE_NANOS = Duration.ofMinutes(1).toNanos();

    private final SendMetrics metrics;
    private long silentUntil;

    OldRoutes(SendMetrics metrics, long nowNanos) {
        this.metrics = metrics;
        this.silentUntil = nowNanos;
    }

    /** One came, which was made afresh already and is used, or goes to be made afresh. */
    void came(Delivery delivery, long nowMillis, long nowNanos) {
        boolean used = RoutePolicy.wasRerouted(delivery);
        metrics.oldRoute(used);
        if (used && nowNanos - silentUntil >= 0) {
            silentUntil = nowNanos + SILENCE_NANOS;
            LOG.atWarn()
                    .addKeyValue("destination", delivery.getDestination())
                    .addKeyValue("ageSeconds", (nowMillis - delivery.getRoutedAt()) / 1_000)
                    .log(
                            "a fresh route is too old by this node's clock: clocks differ, or outbound is that far behind; it is used");
        }
    }
}
