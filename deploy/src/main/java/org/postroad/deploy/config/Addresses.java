package org.postroad.deploy.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Socket addresses as operators write them: 127.0.0.1:2525, [::1]:2525; names are never looked up. */
public final class Addresses {
    /** Up to 255: the resolver takes 999.1.1.1 for a name and asks DNS for it. */
    private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";

    private static final Pattern FORM =
            Pattern.compile("(?:([0-9]{1,3}(?:\\.[0-9]{1,3}){3})|\\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\\]):([0-9]{1,5})");
    private static final Pattern ADDRESS =
            Pattern.compile(OCTET + "(\\." + OCTET + "){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    private Addresses() {}

    public static InetSocketAddress parse(String text) {
        Matcher matcher = FORM.matcher(text.trim());
        if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > 65_535) {
            throw new IllegalArgumentException("an address and port such as 127.0.0.1:2525 or [::1]:2525");
        }
        String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        return new InetSocketAddress(host(host), Integer.parseInt(matcher.group(3)));
    }

    static boolean isHost(String text) {
        return ADDRESS.matcher(text).matches();
    }

    /** A numeric address alone. */
    public static InetAddress host(String text) {
        if (!ADDRESS.matcher(text).matches()) {
            throw new IllegalArgumentException("a numeric address");
        }
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("a numeric address", e);
        }
    }

    public static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
