package org.postroad.deliverer.address;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Set;

/** Which addresses DNS may send us to: a stranger's name must not lead into our own network. */
final class AddressRules {
    private AddressRules() {}

    static boolean isLocal(InetAddress address, Set<InetAddress> own) {
        return address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()
                || own.contains(address)
                || (address instanceof Inet4Address ? isReserved4(address.getAddress()) : isReserved6(address));
    }

    /** 0/8, 100.64/10 (RFC 6598), 240/4 with the broadcast address. */
    private static boolean isReserved4(byte[] octets) {
        int first = octets[0] & 0xFF;
        return first == 0 || first >= 240 || first == 100 && (octets[1] & 0xC0) == 64;
    }

    /** fc00::/7 (RFC 4193), and IPv4 addresses in IPv6 disguise. */
    private static boolean isReserved6(InetAddress address) {
        return (address.getAddress()[0] & 0xFE) == 0xFC
                || address instanceof Inet6Address six && six.isIPv4CompatibleAddress();
    }
}
