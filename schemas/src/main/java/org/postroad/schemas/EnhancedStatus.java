package org.postroad.schemas;

import org.jspecify.annotations.Nullable;

/** A status code of RFC 3463, such as 4.2.1. */
public record EnhancedStatus(int category, int subject, int detail) {
    public EnhancedStatus {
        if (category != 2 && category != 4 && category != 5) {
            throw new IllegalArgumentException("status class " + category);
        }
        if (subject < 0 || subject > 999 || detail < 0 || detail > 999) {
            throw new IllegalArgumentException("status " + category + "." + subject + "." + detail);
        }
    }

    public static EnhancedStatus of(int category, int subject, int detail) {
        return new EnhancedStatus(category, subject, detail);
    }

    /** The status at the start of a reply's text, or null; RFC 2034 section 4. */
    public static @Nullable EnhancedStatus startOf(String text) {
        int end = text.indexOf(' ');
        String word = end < 0 ? text : text.substring(0, end);
        int first = word.indexOf('.');
        int second = word.indexOf('.', first + 1);
        if (first != 1 || second < 0 || word.length() > 9) {
            return null;
        }
        int category = number(word, 0, first);
        int subject = number(word, first + 1, second);
        int detail = number(word, second + 1, word.length());
        boolean known = category == 2 || category == 4 || category == 5;
        return known && subject >= 0 && detail >= 0 ? new EnhancedStatus(category, subject, detail) : null;
    }

    private static int number(String word, int from, int to) {
        if (to == from || to - from > 3) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            char c = word.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return value;
    }

    @Override
    public String toString() {
        return category + "." + subject + "." + detail;
    }
}
