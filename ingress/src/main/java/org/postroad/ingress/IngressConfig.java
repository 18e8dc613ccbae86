package org.postroad.ingress;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * What an ingress node is told.
 *
 * @param hostname what it calls itself in the banner and in {@code Received:}
 * @param maxMessageSize octets of one message's content
 * @param inlineContentUpTo octets of content that travel inside the envelope
 * @param lifetime how long accepted mail is retried
 */
public record IngressConfig(
        String hostname, List<Listener> listeners, long maxMessageSize, int inlineContentUpTo, Duration lifetime) {

    /** One place to listen. Port 0 takes a free one. */
    public record Listener(String name, InetSocketAddress address, List<Network> relayFrom) {}
}
