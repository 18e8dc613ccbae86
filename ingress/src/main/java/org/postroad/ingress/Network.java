package org.postroad.ingress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.Predicate;

/** A range of addresses such as 10.0.0.0/8 or ::1/128. */
public record Network(InetAddress base, int prefixLength) implements Predicate<InetAddress> {
    private static final List<Network> PRIVATE = List.of(
            parse("10.0.0.0/8"),
            parse("172.16.0.0/12"),
            parse("192.168.0.0/16"),
            parse("100.64.0.0/10"),
            parse("fc00::/7"));
    private static final List<Network> OTHER_PRIVATE = List.of(parse("100.64.0.0/10"), parse("fc00::/7"));

    public Network {
        if (prefixLength < 0 || prefixLength > base.getAddress().length * 8) {
            throw new IllegalArgumentException("no such prefix: " + base.getHostAddress() + "/" + prefixLength);
        }
    }

    /** Reads {@code address/prefix}; the address must be numeric, so that nothing is looked up. */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        if (!address.matches("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")) {
            throw new IllegalArgumentException("not a network: " + text);
        }
        try {
            InetAddress base = InetAddress.getByName(address);
            int whole = base.getAddress().length * 8;
            return new Network(base, slash < 0 ? whole : Integer.parseInt(text.substring(slash + 1)));
        } catch (UnknownHostException | NumberFormatException e) {
            throw new IllegalArgumentException("not a network: " + text, e);
        }
    }

    static boolean anyContains(List<Network> networks, InetAddress address) {
        return networks.stream().anyMatch(network -> network.contains(address));
    }

    /** Whether the address means different hosts in different networks (RFC 1918, 4193, 6598), or none beyond this one. */
    static boolean isPrivate(InetAddress address) {
        return address.isSiteLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || anyContains(OTHER_PRIVATE, address);
    }

    /** Whether addresses in it are given out again in every site (RFC 1918, 4193, 6598). */
    boolean hasPrivate() {
        return PRIVATE.stream().anyMatch(other -> other.contains(base) || contains(other.base));
    }

    @Override
    public boolean test(InetAddress address) {
        return contains(address);
    }

    public boolean contains(InetAddress address) {
        byte[] mine = base.getAddress();
        byte[] other = address.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        int whole = prefixLength / 8;
        for (int i = 0; i < whole; i++) {
            if (mine[i] != other[i]) {
                return false;
            }
        }
        int rest = prefixLength % 8;
        return rest == 0 || ((mine[whole] ^ other[whole]) & 0xFF) >>> (8 - rest) == 0;
    }

    @Override
    public String toString() {
        return base.getHostAddress() + "/" + prefixLength;
    }
}
