package org.postroad.schemas;

/**
 * A host as operators name one: {@code mx.example.org}, {@code mx.example.org:2525}, {@code 192.0.2.1:25} or {@code [2001:db8::1]:25}.
 *
 * @param host a canonical name, or an address without brackets
 * @param port 0 where none is named
 */
public record HostAndPort(String host, int port) {
    /**
     * Reads one.
     *
     * @throws IllegalArgumentException with words for the operator
     */
    public static HostAndPort parse(String text) {
        String host = text;
        String port = "0";
        int colon = text.lastIndexOf(':');
        boolean bare = colon < 0 || (text.indexOf(':') < colon && !text.startsWith("["));
        if (!bare && !text.endsWith("]")) {
            host = text.substring(0, colon);
            port = text.substring(colon + 1);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        boolean named = host.contains(":") ? AddressLiteral.isValid("IPv6:" + host) : Domain.isWellFormed(host, false);
        if (!named || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new IllegalArgumentException("an exchanger such as mx.example.org, 127.0.0.1:2526 or [::1]:2526");
        }
        return new HostAndPort(Domain.canonical(host), Integer.parseInt(port));
    }

    /** As it would be written. */
    @Override
    public String toString() {
        String named = host.contains(":") ? "[" + host + "]" : host;
        return port == 0 ? named : named + ":" + port;
    }
}
