package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.postroad.schemas.LookupFailed;

/**
 * Where a domain's mail goes next.
 *
 * @param key of its records on outbound, encoded once
 * @param route one of the branches of {@code Delivery.route}
 */
record Hop(String destination, byte[] key, Object route) {
    static Hop of(String destination, Object route) {
        return new Hop(destination, OutboundKey.of(destination, 0).getBytes(UTF_8), route);
    }

    /** Not an attempt: the deliverer defers it and does not count it. */
    static Hop fault(String domain, String detail) {
        return of(domain, new LookupFailed(detail, true));
    }
}
