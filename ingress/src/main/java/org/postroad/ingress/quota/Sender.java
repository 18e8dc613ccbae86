package org.postroad.ingress.quota;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Who hands messages over, as far as limits ask. */
public interface Sender {
    /** Null unless it has logged in. */
    @Nullable
    String user();

    InetAddress address();

    /** Octets of what counts as one host. */
    ByteBuffer host();

    /** Octets of what counts as its neighbours. */
    ByteBuffer network();
}
