package org.postroad.schemas;

/**
 * Letter case of protocol words: only A to Z have one (RFC 5321 section 2.4, RFC 4343 section 2).
 *
 * <p>Java's own folding knows all of Unicode, where a dotless i is an I and a long s an S in upper case, so that by it octets that are
 * no command would be one.
 */
public final class Ascii {
    private Ascii() {}

    public static String lower(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isUpper(text.charAt(i))) {
                return lowerFrom(i, text);
            }
        }
        return text;
    }

    private static String lowerFrom(int first, String text) {
        char[] lower = text.toCharArray();
        for (int i = first; i < lower.length; i++) {
            lower[i] = lower(lower[i]);
        }
        return new String(lower);
    }

    public static String upper(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isLower(text.charAt(i))) {
                return upperFrom(i, text);
            }
        }
        return text;
    }

    private static String upperFrom(int first, String text) {
        char[] upper = text.toCharArray();
        for (int i = first; i < upper.length; i++) {
            if (isLower(upper[i])) {
                upper[i] = (char) (upper[i] - ('a' - 'A'));
            }
        }
        return new String(upper);
    }

    public static char lower(char c) {
        return isUpper(c) ? (char) (c + ('a' - 'A')) : c;
    }

    public static boolean equalsIgnoringCase(String one, String other) {
        return one.length() == other.length() && startsWithIgnoringCase(one, other);
    }

    public static boolean startsWithIgnoringCase(String text, String start) {
        if (text.length() < start.length()) {
            return false;
        }
        for (int i = 0; i < start.length(); i++) {
            if (lower(text.charAt(i)) != lower(start.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Without the spaces it begins with. Java's own {@code strip} takes Unicode's spaces too, so that by it octets that are no command
     * would be one.
     */
    public static String stripLeading(String text) {
        int from = 0;
        while (from < text.length() && text.charAt(from) == ' ') {
            from++;
        }
        return text.substring(from);
    }

    public static String stripTrailing(String text) {
        int to = text.length();
        while (to > 0 && text.charAt(to - 1) == ' ') {
            to--;
        }
        return text.substring(0, to);
    }

    public static String strip(String text) {
        return stripLeading(stripTrailing(text));
    }

    private static boolean isUpper(char c) {
        return c >= 'A' && c <= 'Z';
    }

    private static boolean isLower(char c) {
        return c >= 'a' && c <= 'z';
    }
}
