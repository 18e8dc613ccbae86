package org.postroad.schemas;

import java.net.IDN;
import java.util.Locale;

/** Domain names as mail uses them; plain strings travel, this is what may be said of them. */
public final class Domain {
    private Domain() {}

    /** Lower case, A-labels, no final dot: what DNS is asked for and what mail is keyed by. */
    public static String canonical(String domain) {
        String bare = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
        if (!Mailbox.isAscii(bare)) {
            try {
                bare = IDN.toASCII(bare, IDN.ALLOW_UNASSIGNED);
            } catch (IllegalArgumentException notAName) {
                return bare.toLowerCase(Locale.ROOT);
            }
        }
        return isLowerCase(bare) ? bare : bare.toLowerCase(Locale.ROOT);
    }

    public static boolean isAddressLiteral(String domain) {
        return domain.startsWith("[") && domain.endsWith("]");
    }

    /**
     * Whether the domain of a mailbox is a name or an address literal; underscores are tolerated, since hosts use them
     * (RFC 5321 section 4.1.2 would not).
     */
    public static boolean isWellFormed(String domain, boolean utf8) {
        if (isAddressLiteral(domain)) {
            return isLiteralText(domain.substring(1, domain.length() - 1));
        }
        int labelLength = 0;
        for (int i = 0; i < domain.length(); i++) {
            char c = domain.charAt(i);
            if (c == '.') {
                if (labelLength == 0 || domain.charAt(i - 1) == '-') {
                    return false;
                }
                labelLength = 0;
                continue;
            }
            boolean hyphenFirst = c == '-' && labelLength == 0;
            if (hyphenFirst || !isLabelText(c) && !(utf8 && Mailbox.isUtf8Text(c)) || ++labelLength > 63) {
                return false;
            }
        }
        return labelLength > 0 && domain.charAt(domain.length() - 1) != '-' && hasAsciiForm(domain);
    }

    /** Preparing a name may turn its characters into ASCII that no name has, such as a wide "#" or "@". */
    private static boolean hasAsciiForm(String domain) {
        return Mailbox.isAscii(domain) || isWellFormed(canonical(domain), false);
    }

    private static boolean isLiteralText(String literal) {
        return !literal.isEmpty()
                && literal.chars().allMatch(c -> c > ' ' && c < 0x7F && c != '[' && c != ']' && c != '\\');
    }

    private static boolean isLabelText(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }

    private static boolean isLowerCase(String text) {
        return text.chars().noneMatch(c -> c >= 'A' && c <= 'Z');
    }
}
