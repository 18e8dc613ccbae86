package org.postroad.ingress;

import java.net.InetAddress;
import java.util.List;
import org.postroad.ingress.IngressConfig.Listener;

/**
 * Trust that a translation of addresses on the way would give to everybody: a load balancer, a container network or a router that shows
 * every client's connection as coming from a private address of its own.
 */
final class TranslatedAddresses {
    private TranslatedAddresses() {}

    /**
     * The networks that a listener relays for and that strangers may seem to come from; none where it hears no strangers, or of a proxy.
     */
    static List<Network> trustedBy(Listener listener) {
        InetAddress address = listener.address().getAddress();
        boolean hearsStrangers = address == null || address.isAnyLocalAddress() || !Network.isPrivate(address);
        return hearsStrangers && listener.proxyFrom().isEmpty()
                ? listener.relayFrom().stream().filter(Network::hasPrivate).toList()
                : List.of();
    }
}
