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
        long now = clock.millis();
        if (now > lastMillis) {
            lastMillis = now;
            high = random.nextLong() & 0x7FFF; // the top bit stays free, so that counting up never wraps
            low = random.nextLong();
        } else if (++low == 0) {
            high++;
        }
        char[] text = new char[CHARACTERS];
        long value = lastMillis;
        for (int i = 9; i >= 0; i--) {
            text[i] = DIGITS.charAt((int) (value & 31));
            value >>>= 5;
        }
        long tail = low;
        long head = high;
        for (int i = CHARACTERS - 1; i >= 10; i--) {
            text[i] = DIGITS.charAt((int) (tail & 31));
            tail = tail >>> 5 | head << 59;
            head >>>= 5;
        }
        return new String(text);
    }

    /** When an id was made, in milliseconds since 1970. */
    public static long millisOf(String queueId) {
        long millis = 0;
        for (int i = 0; i < 10; i++) {
            millis = millis << 5 | DIGITS.indexOf(queueId.charAt(i));
        }
        return millis;
    }

    /** Whether a text has the form of a queue id. */
    public static boolean isQueueId(String text) {
        return text.length() == CHARACTERS && text.chars().allMatch(c -> DIGITS.indexOf(c) >= 0);
    }
}
