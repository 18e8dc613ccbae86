package org.postroad.deliverer.send;

import java.net.InetAddress;
import java.time.Clock;
import java.util.Set;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.content.ContentSource;
import org.postroad.deliverer.delivery.Completions;
import org.postroad.deliverer.delivery.Lease;
import org.postroad.deliverer.delivery.Recoveries;
import org.postroad.deliverer.smtp.TlsUpgrade;

/** What every destination of a node is equipped with; immutable, shared by all loops. */
record NodeParts(
        DelivererConfig config,
        Completions completions,
        Lease lease,
        ContentSource content,
        Recoveries recoveries,
        SendMetrics metrics,
        TlsUpgrade tls,
        Set<InetAddress> ownAddresses,
        Clock clock) {

    /** Wall time, for what is compared with times in envelopes; everything else is counted in nanoseconds. */
    long nowMillis() {
        return clock.millis();
    }
}
