package org.postroad.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * A mail whose final dot an exchanger answered with 250.
 *
 * @param reversePath without its angle brackets; empty for the null reverse-path
 * @param mailParameters what followed the reverse-path, as it came
 * @param recipients those that were accepted
 * @param content exact octets, stuffed dots taken out
 * @param connection the number of the connection, from 1
 */
public record ReceivedMail(
        String reversePath,
        String mailParameters,
        List<Recipient> recipients,
        byte[] content,
        boolean tls,
        int connection,
        Instant receivedAt) {

    /** An accepted recipient with what followed its path. */
    public record Recipient(String address, String parameters) {}

    public List<String> recipientAddresses() {
        return recipients.stream().map(Recipient::address).toList();
    }

    /** The content for comparisons: each octet one character. */
    public String contentText() {
        return new String(content, StandardCharsets.ISO_8859_1);
    }
}
