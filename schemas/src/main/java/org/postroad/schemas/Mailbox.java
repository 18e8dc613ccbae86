package org.postroad.schemas;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A mailbox of RFC 5321 section 4.1.2: local-part as written, domain as written.
 *
 * <p>A value of this type never holds a control character, so it can be put into a command or a header as it is.
 */
public record Mailbox(String localPart, String domain) {
    /** RFC 5321 section 4.5.3.1.1 asks for 64 at least; addresses that carry another, or a token, are longer, and theirs to judge. */
    static final int LOCAL_PART_OCTETS = 255;

    static final int DOMAIN_OCTETS = 255;

    /**
     * Reads {@code local-part@domain}, or null where the grammar does not allow it.
     *
     * @param utf8 whether RFC 6531's characters above 0x7F are allowed
     */
    public static @Nullable Mailbox parse(String text, boolean utf8) {
        int at = endOfLocalPart(text, utf8);
        if (at <= 0 || at >= text.length() || text.charAt(at) != '@') {
            return null;
        }
        String localPart = text.substring(0, at);
        String domain = text.substring(at + 1);
        boolean fits = octets(localPart) <= LOCAL_PART_OCTETS && octets(domain) <= DOMAIN_OCTETS;
        return fits && Domain.isWellFormed(domain, utf8) ? new Mailbox(localPart, domain) : null;
    }

    /** The domain in the form that DNS is asked for: lower case, A-labels. */
    public String canonicalDomain() {
        return Domain.canonical(domain);
    }

    /** Whether RFC 6531 is needed to send to it. */
    public boolean needsSmtpUtf8() {
        return !isAscii(localPart);
    }

    @Override
    public String toString() {
        return localPart + "@" + domain;
    }

    private static int endOfLocalPart(String text, boolean utf8) {
        return text.startsWith("\"") ? endOfQuotedString(text, utf8) : endOfDotString(text, utf8);
    }

    private static int endOfQuotedString(String text, boolean utf8) {
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                return i + 1;
            }
            if (c == '\\' && ++i >= text.length()) {
                return -1;
            }
            char quoted = text.charAt(i);
            boolean printable = quoted >= ' ' && quoted < 0x7F;
            if (!printable && !(utf8 && isUtf8Text(quoted))) {
                return -1;
            }
        }
        return -1;
    }

    private static int endOfDotString(String text, boolean utf8) {
        boolean atomOpen = false;
        int i = 0;
        for (; i < text.length() && text.charAt(i) != '@'; i++) {
            char c = text.charAt(i);
            if (c == '.' && !atomOpen) {
                return -1;
            }
            if (c != '.' && !isAtomText(c) && !(utf8 && isUtf8Text(c))) {
                return -1;
            }
            atomOpen = c != '.';
        }
        return atomOpen ? i : -1;
    }

    private static boolean isAtomText(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0;
    }

    static boolean isUtf8Text(char c) {
        return c >= 0xA0 && !Character.isISOControl(c) && c != '\u2028' && c != '\u2029';
    }

    static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static int octets(String text) {
        return isAscii(text) ? text.length() : text.getBytes(StandardCharsets.UTF_8).length;
    }
}
