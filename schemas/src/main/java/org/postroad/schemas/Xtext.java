package org.postroad.schemas;

import org.jspecify.annotations.Nullable;

/**
 * Text as a parameter of MAIL and RCPT has it (RFC 3461 section 4): all but the plainest characters as {@code +} and two digits.
 *
 * <p>Only what stands for printable ASCII is taken, as ENVID and ORCPT demand (sections 4.2, 4.4): what it says may end up in a field
 * of a report, which it must not be able to end.
 */
public final class Xtext {
    private Xtext() {}

    /** Whether it is xtext for printable ASCII. */
    public static boolean isWellFormed(String xtext) {
        return decode(xtext) != null;
    }

    /** What it stands for; null when it is no xtext, or stands for more than printable ASCII. */
    public static @Nullable String decode(String xtext) {
        return decode(xtext, false);
    }

    /** The same, with characters beyond ASCII standing for themselves (RFC 6533 section 3). */
    public static @Nullable String decodeUtf8(String xtext) {
        return decode(xtext, true);
    }

    private static @Nullable String decode(String xtext, boolean mayBeUtf8) {
        StringBuilder text = new StringBuilder(xtext.length());
        for (int i = 0; i < xtext.length(); i++) {
            char c = xtext.charAt(i);
            if (c == '+') {
                int decoded =
                        i + 2 < xtext.length() ? 16 * digit(xtext.charAt(i + 1)) + digit(xtext.charAt(i + 2)) : -1;
                if (decoded < ' ' || decoded >= 0x7F) {
                    return null;
                }
                text.append((char) decoded);
                i += 2;
            } else if (c > ' ' && c < 0x7F && c != '=' || c > 0x9F && mayBeUtf8) {
                text.append(c);
            } else {
                return null;
            }
        }
        return text.toString();
    }

    /** A hexadecimal digit, of which the letters are capital; else far below nothing. */
    private static int digit(char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1_000;
    }
}
