package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.postroad.schemas.Route;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.Routes;

/**
 * Where a domain's mail goes next.
 *
 * @param key of its records on outbound, encoded once
 */
record DomainRoute(String destination, byte[] key, Route route) {
    static DomainRoute of(String destination, Route route) {
        return new DomainRoute(destination, OutboundKey.of(destination, 0).getBytes(UTF_8), route);
    }

    /**
     * No exchangers, or none for now.
     *
     * @param words of any length; as much of them travels as a record has room for
     */
    static DomainRoute nowhere(String domain, RouteKind kind, String words) {
        return of(domain, Routes.nowhere(kind, words));
    }

    /** Not an attempt: the deliverer defers it and does not count it. */
    static DomainRoute fault(String domain, String words) {
        return nowhere(domain, RouteKind.FAULT, words);
    }
}
