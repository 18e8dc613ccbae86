package org.postroad.schemas;

import java.time.Clock;
import java.util.random.RandomGenerator;

/**
 * Makes queue ids that sort by time: 26 characters of Crockford's base 32, 48 bits of milliseconds before 80 bits
 * that start at random and count up within one millisecond.
 *
 * <p>Confined to one thread; each event loop has its own, and 80 random bits keep them apart.
 */
public final class QueueIds {
    public static final int CHARACTERS = 26;
    private static final int MILLIS_CHARACTERS = 10;
    private static final String DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private final Clock clock;
    private final RandomGenerator random;
    private long lastMillis = -1;
    private long high; // 16 bits
    private long low; // 64 bits

    public QueueIds(Clock clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** The next id, greater than every earlier one of this source even when the clock steps back. */
    public String next() {
        return next(1);
    }

    /** The next of so many ids that belong together: {@link #plus} gives the others. */
    public String next(int count) {
        long now = clock.millis();
        if (now > lastMillis) {
            lastMillis = now;
            high = random.nextLong() & 0x7FFF; // the top bit stays free, so that counting up never wraps
            low = random.nextLong();
        } else {
            add(1);
        }
        String first = text(lastMillis, high, low);
        add(count - 1);
        return first;
    }

    private void add(long more) {
        long before = low;
        low += more;
        if (Long.compareUnsigned(low, before) < 0) {
            high++;
        }
    }

    /** One of the ids that were made together with the first. */
    public static String plus(String first, int index) {
        long head = 0;
        long tail = 0;
        for (int i = MILLIS_CHARACTERS; i < CHARACTERS; i++) {
            head = head << 5 | tail >>> 59;
            tail = tail << 5 | DIGITS.indexOf(first.charAt(i));
        }
        long sum = tail + index;
        return text(millisOf(first), Long.compareUnsigned(sum, tail) < 0 ? head + 1 : head, sum);
    }

    /** What every id that is made at a time begins with: earlier ones are before it, later ones behind it. */
    public static String beginningAt(long millis) {
        return text(millis, 0, 0).substring(0, MILLIS_CHARACTERS);
    }

    private static String text(long millis, long high, long low) {
        char[] text = new char[CHARACTERS];
        long value = millis;
        for (int i = MILLIS_CHARACTERS - 1; i >= 0; i--) {
            text[i] = DIGITS.charAt((int) (value & 31));
            value >>>= 5;
        }
        long tail = low;
        long head = high;
        for (int i = CHARACTERS - 1; i >= MILLIS_CHARACTERS; i--) {
            text[i] = DIGITS.charAt((int) (tail & 31));
            tail = tail >>> 5 | head << 59;
            head >>>= 5;
        }
        return new String(text);
    }

    /** When an id was made, in milliseconds since 1970. */
    public static long millisOf(String queueId) {
        long millis = 0;
        for (int i = 0; i < MILLIS_CHARACTERS; i++) {
            millis = millis << 5 | DIGITS.indexOf(queueId.charAt(i));
        }
        return millis;
    }

    /** Whether a text has the form of a queue id. */
    public static boolean isQueueId(String text) {
        return text.length() == CHARACTERS && text.chars().allMatch(c -> DIGITS.indexOf(c) >= 0);
    }
}
