package org.postroad.ingress.quota;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So many in a time, such as {@code 1000/h}.
 *
 * @param count at least 1
 */
public record Amount(long count, Per per) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,12})/([smhd])");

    /** The times there are. */
    public enum Per {
        SECOND('s', 1, "a second"),
        MINUTE('m', 60, "a minute"),
        HOUR('h', 3_600, "an hour"),
        DAY('d', 86_400, "a day");

        final char sign;
        final int seconds;
        final String words;

        Per(char sign, int seconds, String words) {
            this.sign = sign;
            this.seconds = seconds;
            this.words = words;
        }
    }

    public Amount {
        if (count < 1) {
            throw new IllegalArgumentException("nothing at all: " + count);
        }
    }

    /** Reads {@code 10/s}, {@code 100/m}, {@code 1000/h} or {@code 10000/d}; throws IllegalArgumentException for anything else. */
    public static Amount parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no amount: " + text);
        }
        for (Per per : Per.values()) {
            if (per.sign == matcher.group(2).charAt(0)) {
                return new Amount(Long.parseLong(matcher.group(1)), per);
            }
        }
        throw new IllegalArgumentException("no amount: " + text);
    }

    /** Whether each node counts by itself; else the count is exact over all nodes. */
    public boolean isRate() {
        return per.seconds < Per.HOUR.seconds;
    }

    @Override
    public String toString() {
        return count + "/" + per.sign;
    }
}
