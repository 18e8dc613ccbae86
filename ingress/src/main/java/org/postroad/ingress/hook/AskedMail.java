package org.postroad.ingress.hook;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a message before its content.
 *
 * @param hostname of this node
 * @param reversePath without angle brackets, empty for none
 * @param recipients likewise
 */
public record AskedMail(
        String hostname, String queueId, Client client, String reversePath, List<String> recipients, boolean smtpUtf8) {

    /**
     * Who hands it over.
     *
     * @param isTrusted whether the listener relays for its network
     * @param greeting what it calls itself, as far as that is made of what domains are made of
     */
    public record Client(
            String listener,
            InetAddress address,
            boolean isTrusted,
            String greeting,
            @Nullable String tlsProtocol,
            @Nullable String tlsCipher,
            @Nullable String user) {}
}
