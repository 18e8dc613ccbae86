package org.postroad.ingress;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.Listener;

/**
 * Who a client is and what it may do here, as far as it is known by now.
 *
 * @param isTrusted whether it comes from a network that the listener relays for
 * @param tls null while it speaks in clear
 * @param user null until it has logged in
 */
record Admission(
        Listener listener, InetAddress address, boolean isTrusted, @Nullable TlsFacts tls, @Nullable String user) {
    private static final int IPV4_NETWORK_OCTETS = 3; // a /24
    private static final int IPV6_NETWORK_OCTETS = 6; // a /48, what one site is given

    static Admission of(Listener listener, InetAddress address) {
        boolean isTrusted = listener.relayFrom().stream().anyMatch(network -> network.contains(address));
        return new Admission(listener, address, isTrusted, null, null);
    }

    Admission protectedBy(TlsFacts facts) {
        return new Admission(listener, address, isTrusted, facts, null);
    }

    Admission loggedIn(String name) {
        return new Admission(listener, address, isTrusted, tls, name);
    }

    /** Whether it may name recipients anywhere. */
    boolean mayRelay() {
        return isTrusted || user != null;
    }

    /** What counts as its neighbours. */
    ByteBuffer network() {
        byte[] octets = address.getAddress();
        return ByteBuffer.wrap(Arrays.copyOf(octets, octets.length == 4 ? IPV4_NETWORK_OCTETS : IPV6_NETWORK_OCTETS));
    }

    String addressText() {
        return NetUtil.toAddressString(address);
    }

    /** RFC 5321 section 4.1.3. */
    String addressLiteral() {
        return (address instanceof Inet6Address ? "[IPv6:" : "[") + addressText() + "]";
    }
}
