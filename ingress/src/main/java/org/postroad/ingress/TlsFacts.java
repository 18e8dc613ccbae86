package org.postroad.ingress;

import javax.net.ssl.SSLSession;

/**
 * What protects a session.
 *
 * @param protocol such as {@code TLSv1.3}
 * @param cipher by its IANA name
 */
record TlsFacts(String protocol, String cipher) {
    static TlsFacts of(SSLSession session) {
        return new TlsFacts(session.getProtocol(), session.getCipherSuite());
    }
}
