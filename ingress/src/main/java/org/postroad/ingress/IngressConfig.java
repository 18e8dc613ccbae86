package org.postroad.ingress;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.postroad.schemas.Mailbox;

/**
 * What an ingress node is told.
 *
 * @param hostname what it calls itself in the banner and in {@code Received:}
 * @param postmaster whom a recipient {@code <Postmaster>} without a domain means (RFC 5321 section 4.5.1)
 * @param maxMessageSize octets of one message's content
 * @param inlineContentUpTo octets of content that travel inside the envelope
 * @param lifetime how long accepted mail is retried
 */
public record IngressConfig(
        String hostname,
        Mailbox postmaster,
        List<Listener> listeners,
        long maxMessageSize,
        int inlineContentUpTo,
        Duration lifetime) {

    /** One place to listen. Port 0 takes a free one. */
    public record Listener(String name, InetSocketAddress address, List<Network> relayFrom) {}
}
