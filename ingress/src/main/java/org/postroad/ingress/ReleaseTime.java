package org.postroad.ingress;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.FutureRelease;

/**
 * When a client wants its mail to be sent at the earliest (RFC 4865).
 *
 * @param seconds after it was accepted; 0 where it named an instant
 * @param instant in milliseconds since 1970
 */
record ReleaseTime(long seconds, long instant) {
    private static final Pattern SECONDS = Pattern.compile("[1-9][0-9]{0,8}");
    private static final Pattern UTC =
            Pattern.compile("[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}(\\.[0-9]{1,9})?Z");

    /** What EHLO says of it: the longest time, and the latest instant. */
    static String offer(long nowMillis) {
        Instant latest = Instant.ofEpochMilli(nowMillis).plus(FutureRelease.LONGEST);
        return "FUTURERELEASE " + FutureRelease.LONGEST.toSeconds() + " " + latest.truncatedTo(ChronoUnit.SECONDS);
    }

    /** Reads the value of HOLDFOR; null where it is none. */
    static @Nullable ReleaseTime holdFor(String value) {
        return SECONDS.matcher(value).matches() ? new ReleaseTime(Long.parseLong(value), 0) : null;
    }

    /** Reads the value of HOLDUNTIL, an instant in UTC; null where it is none. */
    static @Nullable ReleaseTime holdUntil(String value) {
        try {
            return UTC.matcher(value).matches()
                    ? new ReleaseTime(0, Instant.parse(value).toEpochMilli())
                    : null;
        } catch (DateTimeException noSuchDay) {
            return null;
        }
    }

    /** For mail that is accepted now; milliseconds since 1970, 0 where its time has come. */
    long of(long nowMillis) {
        long millis = seconds > 0 ? nowMillis + 1_000 * seconds : instant;
        return millis > nowMillis ? millis : 0;
    }

    boolean isTooLate(long nowMillis) {
        return of(nowMillis) > nowMillis + FutureRelease.LONGEST.toMillis();
    }
}
