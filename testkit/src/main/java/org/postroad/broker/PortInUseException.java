package org.postroad.broker;

import java.io.IOException;
import java.net.InetSocketAddress;

/** An address that we were told to listen on and somebody else listens on already. */
public final class PortInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient InetSocketAddress address;

    public PortInUseException(InetSocketAddress address, Throwable cause) {
        super(
                "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + cause.getMessage(),
                cause);
        this.address = address;
    }

    public InetSocketAddress address() {
        return address;
    }
}
