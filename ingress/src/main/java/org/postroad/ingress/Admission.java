package org.postroad.ingress;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.Listener;

/**
 * Who a client is and what it may do here, as far as it is known by now.
 *
 * @param isTrusted whether it comes from a network that the listener relays for
 * @param tls null while it speaks in clear
 */
record Admission(Listener listener, InetAddress address, boolean isTrusted, @Nullable TlsFacts tls) {

    static Admission of(Listener listener, InetAddress address) {
        boolean isTrusted = listener.relayFrom().stream().anyMatch(network -> network.contains(address));
        return new Admission(listener, address, isTrusted, null);
    }

    Admission protectedBy(TlsFacts facts) {
        return new Admission(listener, address, isTrusted, facts);
    }

    /** Whether it may name recipients anywhere. */
    boolean mayRelay() {
        return isTrusted;
    }

    String addressText() {
        return NetUtil.toAddressString(address);
    }

    /** RFC 5321 section 4.1.3. */
    String addressLiteral() {
        return (address instanceof Inet6Address ? "[IPv6:" : "[") + addressText() + "]";
    }
}
