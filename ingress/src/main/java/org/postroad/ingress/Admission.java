package org.postroad.ingress;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.postroad.ingress.IngressConfig.Listener;

/**
 * Who a client is and what it may do here.
 *
 * @param listener the name of the listener it came to
 * @param mayRelay whether it may name recipients anywhere
 */
record Admission(String listener, InetAddress client, boolean mayRelay) {

    String addressText() {
        return NetUtil.toAddressString(client);
    }

    static Admission of(Listener listener, InetAddress client) {
        boolean mayRelay = listener.relayFrom().stream().anyMatch(network -> network.contains(client));
        return new Admission(listener.name(), client, mayRelay);
    }
}
