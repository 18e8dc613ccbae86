package org.postroad.testkit;

import java.util.Locale;

/** A pattern in which a star stands for any characters, none included; letters match in either case. */
final class Glob {
    private Glob() {}

    static boolean matches(String pattern, String text) {
        if (pattern.equals("*")) {
            return true;
        }
        return matchesExactly(pattern.toLowerCase(Locale.ROOT), text.toLowerCase(Locale.ROOT));
    }

    /** Greedy with one point of return, the last star: linear for patterns that people write. */
    private static boolean matchesExactly(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = -1;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
