package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.postroad.schemas.Caps;
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

    /**
     * No route for now.
     *
     * @param detail of any length; as much of it travels as a record has room for
     * @param fault not an attempt: the deliverer defers it and does not count it
     */
    static Hop failed(String domain, String detail, boolean fault) {
        return of(domain, new LookupFailed(Caps.cut(detail, Caps.REPLY_TEXT_OCTETS), fault));
    }

    static Hop fault(String domain, String detail) {
        return failed(domain, detail, true);
    }
}
