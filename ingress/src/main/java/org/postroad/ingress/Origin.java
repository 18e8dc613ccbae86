package org.postroad.ingress;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Who hands messages over in a session, and how.
 *
 * @param greeting what the client calls itself, printable ASCII
 * @param extended whether it said EHLO rather than HELO
 */
record Origin(String listener, InetAddress client, String greeting, boolean extended) {

    /** The keyword of a {@code Received:} line: RFC 5321 section 4.4, RFC 6531 section 4.3. */
    String protocol(boolean smtpUtf8) {
        if (smtpUtf8) {
            return "UTF8SMTP";
        }
        return extended ? "ESMTP" : "SMTP";
    }

    String clientText() {
        return NetUtil.toAddressString(client);
    }

    /** RFC 5321 section 4.1.3. */
    String addressLiteral() {
        return (client instanceof Inet6Address ? "[IPv6:" : "[") + clientText() + "]";
    }
}
