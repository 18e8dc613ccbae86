package org.postroad.schemas;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as operators write them: 500ms, 30s, 5m, 4h, 5d. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

    /** What is added to it, in nanoseconds too, never overflows. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private Durations() {}

    /** Reads one; a number alone is refused, since nobody remembers which unit it would be. */
    public static Duration parse(String text) {
        Matcher matcher = FORM.matcher(text.trim());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a duration such as 30s, 5m, 4h or 5d");
        }
        long number = Long.parseLong(matcher.group(1));
        Duration duration =
                switch (matcher.group(2)) {
                    case "ms" -> Duration.ofMillis(number);
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    case "h" -> Duration.ofHours(number);
                    default -> Duration.ofDays(number);
                };
        if (duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a duration of at most 36500d");
        }
        return duration;
    }

    /** The largest unit that divides it. */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0 || millis % 1_000 != 0) {
            return millis == 0 ? "0s" : millis + "ms";
        }
        return Topics.shortText(duration);
    }
}
