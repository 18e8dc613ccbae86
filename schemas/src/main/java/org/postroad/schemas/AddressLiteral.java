package org.postroad.schemas;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * What may stand between the brackets of an address literal: an IPv4 address, or {@code IPv6:} and one (RFC 5321 section 4.1.3). No other
 * tag is registered.
 */
final class AddressLiteral {
    private static final String IPV6 = "IPv6:";
    private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})(\\.\\d{1,3}){3}");
    private static final Pattern IPV6_TEXT =
            Pattern.compile("[0-9A-Fa-f:]{2,39}|[0-9A-Fa-f:]{2,30}(\\d{1,3})(\\.\\d{1,3}){3}");

    private AddressLiteral() {}

    static boolean isValid(String text) {
        if (Ascii.startsWithIgnoringCase(text, IPV6)) {
            return isIpv6(text.substring(IPV6.length()));
        }
        return isIpv4(text);
    }

    private static boolean isIpv4(String text) {
        if (!IPV4.matcher(text).matches()) {
            return false;
        }
        for (String number : text.split("\\.", -1)) {
            if (Integer.parseInt(number) > 255) {
                return false;
            }
        }
        return true;
    }

    private static boolean isIpv6(String text) {
        int dot = text.indexOf('.');
        if (!IPV6_TEXT.matcher(text).matches() || dot >= 0 && !isIpv4(text.substring(text.lastIndexOf(':', dot) + 1))) {
            return false;
        }
        try {
            // In brackets it is never looked up as a name. What maps an IPv4 address comes back as one.
            InetAddress address = InetAddress.getByName("[" + text + "]");
            return address instanceof Inet6Address || text.indexOf(':') >= 0;
        } catch (UnknownHostException notAnAddress) {
            return false;
        }
    }
}
