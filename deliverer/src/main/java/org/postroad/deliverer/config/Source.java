package org.postroad.deliverer.config;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where connections come from.
 *
 * @param ehlo what we call ourselves
 * @param address the local address; null for the system's choice
 * @param family as the operator wants it
 */
public record Source(String name, String ehlo, @Nullable InetAddress address, AddressFamily family) {
    /** With whatever addresses the system has. */
    public Source(String name, String ehlo, @Nullable InetAddress address) {
        this(name, ehlo, address, AddressFamily.ANY);
    }

    /** The families that connections from it can go to: from an address of one family there is no way to the other. */
    public AddressFamily reaches() {
        if (family != AddressFamily.ANY || address == null) {
            return family;
        }
        AddressFamily its = AddressFamily.of(address);
        return its == AddressFamily.IPV6 && address.isAnyLocalAddress() ? AddressFamily.ANY : its;
    }
}
