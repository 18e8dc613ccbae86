package org.postroad.ingress;

import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Domain;

/**
 * What stands after MAIL or RCPT: a path whose source route is already stripped (RFC 5321 section 4.1.1.3), and the
 * parameters behind it.
 *
 * @param address what the angle brackets hold, not yet known to be a mailbox
 * @param wellFormed whether it stood in angle brackets, with a space before the parameters; devices and scripts forget both
 */
record PathArgument(String address, String parameters, boolean wellFormed) {

    /**
     * Reads {@code FROM:<...> parameters}, and {@code FROM:... parameters}; null where it has neither form. Spaces after the colon are
     * tolerated.
     */
    static @Nullable PathArgument parse(String argument, String keyword) {
        if (!Ascii.startsWithIgnoringCase(argument, keyword)) {
            return null;
        }
        String path = Ascii.stripLeading(argument.substring(keyword.length()));
        if (!path.startsWith("<")) {
            return bare(path);
        }
        int end = closingBracket(path);
        String address = end < 0 ? null : withoutRoute(path.substring(1, end));
        if (address == null) {
            return null;
        }
        boolean spaced = end + 1 == path.length() || path.charAt(end + 1) == ' ';
        return new PathArgument(address, Ascii.strip(path.substring(end + 1)), spaced);
    }

    private static @Nullable PathArgument bare(String path) {
        int space = path.indexOf(' ');
        String address = space < 0 ? path : path.substring(0, space);
        boolean maybe = !address.isEmpty() && address.indexOf('<') < 0 && address.indexOf('>') < 0;
        return maybe ? new PathArgument(address, Ascii.strip(path.substring(address.length())), false) : null;
    }

    /** The bracket that closes the path; one in a quoted local-part closes nothing. */
    private static int closingBracket(String path) {
        boolean quoted = false;
        for (int i = 1; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '\\' && quoted) {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == '>' && !quoted) {
                return i;
            }
        }
        return -1;
    }

    private static @Nullable String withoutRoute(String address) {
        if (!address.startsWith("@")) {
            return address;
        }
        int colon = endOfRoute(address);
        if (colon < 0) {
            return null;
        }
        for (String host : address.substring(0, colon).split(",", -1)) {
            if (!host.startsWith("@") || !Domain.isWellFormed(host.substring(1), true)) {
                return null;
            }
        }
        String rest = address.substring(colon + 1);
        return rest.isEmpty() ? null : rest;
    }

    /** The colon that ends a route; those of an IPv6 literal do not. */
    private static int endOfRoute(String address) {
        boolean literal = false;
        for (int i = 0; i < address.length(); i++) {
            char c = address.charAt(i);
            if (c == '[' || c == ']') {
                literal = c == '[';
            } else if (c == ':' && !literal) {
                return i;
            }
        }
        return -1;
    }
}
