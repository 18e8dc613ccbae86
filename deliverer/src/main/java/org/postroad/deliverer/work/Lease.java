package org.postroad.deliverer.work;

import java.time.Duration;

/**
 * The permission to start mail and to send final dots: held while the last successful commit is young and few outcomes
 * are uncommitted, so that a node that froze or lost Kafka stops before its successor delivers the same mail.
 *
 * <p>How many are few is learned: twice as many after each commit that was quick, half as many after a slow one. So a
 * node that has just started, whose first commits take long, does not run ahead of them by thousands of mails that
 * would all be in doubt if it died.
 *
 * <p>Written by the poller, read by every event loop.
 */
public final class Lease {
    /** Longer than a commit under load, shorter than the shortest session timeout (6 s) by far. */
    public static final Duration LIFE = Duration.ofSeconds(2);

    /** What fits a few connections. */
    private static final int LEAST_UNCOMMITTED = 64;

    /** Several commit intervals: Kafka does not keep up. */
    private static final long SLOW_NANOS = 150_000_000;

    private final int mostUncommitted;
    private volatile int uncommittedLimit;
    private volatile long renewedNanos;
    private volatile boolean granted;
    private volatile int uncommitted;

    /** @param mostUncommitted outcomes, however quick commits are */
    public Lease(int mostUncommitted) {
        this.mostUncommitted = mostUncommitted;
        this.uncommittedLimit = Math.min(LEAST_UNCOMMITTED, mostUncommitted);
    }

    /** A commit succeeded that began and ended at these instants of {@link System#nanoTime}; of the first it proves ownership. */
    public void renew(long begunNanos, long endedNanos) {
        boolean quick = endedNanos - begunNanos < SLOW_NANOS;
        uncommittedLimit = quick
                ? (int) Math.min(mostUncommitted, uncommittedLimit * 2L)
                : Math.max(LEAST_UNCOMMITTED, uncommittedLimit / 2);
        renewedNanos = begunNanos;
        granted = true;
    }

    public void uncommitted(int outcomes) {
        uncommitted = outcomes;
    }

    /** No more starts and dots until the next commit. */
    public void end() {
        granted = false;
    }

    public boolean isHeld(long nowNanos) {
        return granted && nowNanos - renewedNanos < LIFE.toNanos() && uncommitted < uncommittedLimit;
    }
}
