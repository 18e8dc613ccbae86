package org.postroad.deploy.operator;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The terms of the promise that nothing is lost, each a number of recipients: what came into being on the left, where it
 * is now on the right.
 *
 * @param parked waiting in the router, for DNS or for a newer router
 * @param outbound routed and not finished
 * @param waiting in retry topics
 */
public record Terms(
        long accepted,
        long generated,
        long replayed,
        long delivered,
        long failed,
        long dropped,
        long held,
        long rejected,
        long routing,
        long parked,
        long outbound,
        long waiting) {

    public long inFlight() {
        return routing + parked + outbound + waiting;
    }

    /** What came into being and is nowhere; negative: what is somewhere and never came into being. */
    public long missing() {
        return accepted + generated + replayed - delivered - failed - dropped - held - rejected - inFlight();
    }

    public boolean isBalanced() {
        return missing() == 0;
    }

    /** In the order of the promise. */
    public Map<String, Long> named() {
        Map<String, Long> named = new LinkedHashMap<>();
        named.put("accepted", accepted);
        named.put("generated", generated);
        named.put("replayed", replayed);
        named.put("delivered", delivered);
        named.put("failed", failed);
        named.put("dropped", dropped);
        named.put("held", held);
        named.put("rejected", rejected);
        named.put("inFlight", inFlight());
        named.put("routing", routing);
        named.put("parked", parked);
        named.put("outbound", outbound);
        named.put("waiting", waiting);
        return named;
    }
}
