package org.postroad.ingress;

import org.postroad.schemas.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Addresses in forms that RFC 5321 does not have: those who may relay are taken at their word. Both are counted, and told once a session.
 */
final class OddAddresses {
    private static final Logger LOG = LoggerFactory.getLogger(OddAddresses.class);

    private final ListenerMetrics metrics;
    private boolean told;

    OddAddresses(ListenerMetrics metrics) {
        this.metrics = metrics;
    }

    /** @param flaw what everybody else hears */
    boolean areTakenFrom(Admission client, Reply flaw) {
        metrics.oddAddress(client.mayRelay());
        if (!told) {
            told = true;
            LOG.atInfo()
                    .addKeyValue("client", client.addressText())
                    .addKeyValue("listener", client.listener().name())
                    .addKeyValue("reply", client.mayRelay() ? "taken" : flaw)
                    .log("a client writes addresses in a form of its own");
        }
        return client.mayRelay();
    }
}
