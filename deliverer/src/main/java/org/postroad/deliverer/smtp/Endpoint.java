package org.postroad.deliverer.smtp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.postroad.schemas.Caps;
import org.postroad.schemas.TlsPolicy;

/**
 * One address of an exchanger, and how TLS is used with it: connections are shared by mail that has the same.
 *
 * @param label "name[address]:port", as outcomes name it
 */
public record Endpoint(String host, InetSocketAddress address, TlsPolicy tls, String label) {

    public static Endpoint of(String host, InetAddress address, int port, TlsPolicy tls) {
        String label = host + "[" + address.getHostAddress() + "]:" + port;
        return new Endpoint(host, new InetSocketAddress(address, port), tls, Caps.cut(label, Caps.EXCHANGER_OCTETS));
    }

    /** The same address without TLS, on a connection of its own. */
    public Endpoint inClear() {
        return new Endpoint(host, address, TlsPolicy.NONE, label);
    }
}
