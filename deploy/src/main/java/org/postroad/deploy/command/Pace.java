package org.postroad.deploy.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.UnreachableException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** So many in a second, and then a wait for the next second; confined to one thread. */
final class Pace {
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,8})(/s)?");

    private final long perSecond;
    private long taken;
    private long secondBegan = System.nanoTime();

    private Pace(long perSecond) {
        this.perSecond = perSecond;
    }

    /** @param perSecond 0 for as fast as can be */
    static Pace of(long perSecond) {
        return new Pace(perSecond == 0 ? Long.MAX_VALUE : perSecond);
    }

    private static long perSecond(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        return Long.parseLong(matcher.group(1));
    }

    /** What an option says; 0 for one that is not there. */
    static long perSecond(CommandSpec spec, @Nullable String rate) {
        try {
            return rate == null ? 0 : perSecond(rate);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--rate " + rate + " is not like 100/s", e);
        }
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
