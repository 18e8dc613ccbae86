package org.postroad.deliverer.work;

import java.time.Duration;

/**
 * The permission to start mail and to send final dots: held while the last successful commit is young and few outcomes
 * are uncommitted, so that a node that froze or lost Kafka stops before its successor delivers the same mail.
 *
 * <p>Written by the poller, read by every event loop.
 */
public final class Lease {
    /** Longer than a commit under load, shorter than the shortest session timeout (6 s) by far. */
    public static final Duration LIFE = Duration.ofSeconds(2);

    private final int uncommittedLimit;
    private volatile long renewedNanos;
    private volatile boolean granted;
    private volatile int uncommitted;

    public Lease(int uncommittedLimit) {
        this.uncommittedLimit = uncommittedLimit;
    }

    /** A commit that began at this instant of {@link System#nanoTime} succeeded. */
    public void renew(long nanos) {
        renewedNanos = nanos;
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
