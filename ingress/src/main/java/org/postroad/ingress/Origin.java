package org.postroad.ingress;

/**
 * Who hands messages over in a session, and how.
 *
 * @param greeting what the client calls itself
 * @param extended whether it said EHLO rather than HELO
 */
record Origin(Admission client, String greeting, boolean extended) {

    /** The keyword of a {@code Received:} line: RFC 5321 section 4.4, RFC 3848, RFC 6531 section 4.3. */
    String protocol(boolean smtpUtf8) {
        String how = (client.tls() == null ? "" : "S") + (client.user() == null ? "" : "A");
        if (smtpUtf8) {
            return "UTF8SMTP" + how;
        }
        return extended ? "ESMTP" + how : "SMTP";
    }
}
