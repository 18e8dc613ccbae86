package org.postroad.ingress;

/**
 * Who hands messages over in a session, and how.
 *
 * @param greeting what the client calls itself
 * @param extended whether it said EHLO rather than HELO
 * @param http whether it speaks no SMTP at all
 */
record Origin(Admission client, String greeting, boolean extended, boolean http) {
    Origin(Admission client, String greeting, boolean extended) {
        this(client, greeting, extended, false);
    }

    /** One that posts by HTTP, which has no greeting. */
    static Origin http(Admission client) {
        return new Origin(client, client.addressLiteral(), true, true);
    }

    /** The keyword of a {@code Received:} line: RFC 5321 section 4.4, RFC 3848, RFC 6531 section 4.3; HTTP has none that is registered. */
    String protocol(boolean smtpUtf8) {
        if (http) {
            return client.tls() == null ? "HTTP" : "HTTPS";
        }
        String how = (client.tls() == null ? "" : "S") + (client.user() == null ? "" : "A");
        if (smtpUtf8) {
            return "UTF8SMTP" + how;
        }
        return extended ? "ESMTP" + how : "SMTP";
    }
}
