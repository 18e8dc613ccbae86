package org.postroad.deploy.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A size such as 50MiB. */
public record Octets(long count) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,12}) ?(B|KiB|MiB|GiB|KB|MB|GB)?");
    private static final Map<String, Long> UNITS = Map.of(
            "B",
            1L,
            "KiB",
            1L << 10,
            "MiB",
            1L << 20,
            "GiB",
            1L << 30,
            "KB",
            1_000L,
            "MB",
            1_000_000L,
            "GB",
            1_000_000_000L);

    /** Reads a number of octets, or of KiB, MiB, GiB, KB, MB or GB. */
    public static Octets parse(String text) {
        Matcher matcher = FORM.matcher(text.trim());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a size such as 50MiB");
        }
        String unit = matcher.group(2) == null ? "B" : matcher.group(2);
        long number = Long.parseLong(matcher.group(1));
        long factor = UNITS.getOrDefault(unit, 1L);
        if (number > Long.MAX_VALUE / factor) {
            throw new IllegalArgumentException("a size such as 50MiB");
        }
        return new Octets(number * factor);
    }

    /** In the largest binary unit that divides it. */
    @Override
    public String toString() {
        if (count > 0 && count % (1L << 30) == 0) {
            return (count >> 30) + "GiB";
        }
        if (count > 0 && count % (1L << 20) == 0) {
            return (count >> 20) + "MiB";
        }
        return count > 0 && count % (1L << 10) == 0 ? (count >> 10) + "KiB" : count + "B";
    }
}
