package org.postroad.deploy.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postroad.schemas.UnreachableException;

/** So many in a second, and then a wait for the next second; confined to one thread. */
final class Pace {
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,8})(/s)?");

    private final long perSecond;
    private long taken;
    private long secondBegan = System.nanoTime();

    private Pace(long perSecond) {
        this.perSecond = perSecond;
    }

    static Pace unlimited() {
        return new Pace(Long.MAX_VALUE);
    }

    static Pace parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        return new Pace(Long.parseLong(matcher.group(1)));
    }

    /** Counts one; true when this second has no room for another. */
    boolean isSpent() {
        return ++taken >= perSecond;
    }

    void await() {
        long left = TimeUnit.SECONDS.toNanos(1) - (System.nanoTime() - secondBegan);
        try {
            new CountDownLatch(1).await(Math.max(0, left), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted", e);
        }
        taken = 0;
        secondBegan = System.nanoTime();
    }
}
