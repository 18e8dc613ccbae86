package org.postroad.deliverer.poll;

/**
 * Tells a budget that is nearly used up because mail does not leave from one that is merely well used.
 *
 * <p>A partition that is full and drains in a second needs no help: taking no more for that second is what a full budget is for. Overflow
 * would put healthy mail off by the shortest tier. Only when, at the pace of the last moment, what is open would take long to
 * leave, mail of other destinations waits behind it for nothing.
 */
final class Pressure {
    private static final long WINDOW_NANOS = 250_000_000L;

    /** Below the shortest wait that overflow could bring, far above what a healthy partition needs. */
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private boolean measuring;
    private long sinceNanos;
    private long finishedThen;

    /**
     * Whether relief is due; at most once a window.
     *
     * @param tight whether most of the budget is used
     * @param finished of all time
     */
    boolean isLasting(long nowNanos, boolean tight, long open, long finished) {
        if (!tight || !measuring) {
            measuring = tight;
            sinceNanos = nowNanos;
            finishedThen = finished;
            return false;
        }
        long elapsed = nowNanos - sinceNanos;
        if (elapsed < WINDOW_NANOS) {
            return false;
        }
        double perNano = (double) (finished - finishedThen) / elapsed;
        sinceNanos = nowNanos;
        finishedThen = finished;
        return open > perNano * PATIENCE_NANOS;
    }

    void forget() {
        measuring = false;
    }
}
