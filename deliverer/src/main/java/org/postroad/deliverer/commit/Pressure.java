package org.postroad.deliverer.commit;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Whether a budget is nearly used up because mail does not leave, and not because it is well used.
 *
 * <p>A partition that is full and drains in a few seconds needs no help: taking no more meanwhile is what a full budget is for.
 * Overflow would put healthy mail off by the shortest tier. Only when, at the pace of the last seconds, what is open would take
 * long to leave, mail of other destinations waits behind it for nothing.
 */
public final class Pressure {
    private static final long STEP_NANOS = 250_000_000L;

    /** A pace is judged over so many steps: shorter, and a node that has just started or was paused looks like a standstill. */
    private static final int STEPS = 12;

    /** A budget that has room for less than this has not had relief yet. */
    private static final long RELIEVED_NANOS = 1_000_000_000L;

    /** Well below the shortest wait that overflow could bring, far above what a healthy partition needs. */
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final Deque<Sample> samples = new ArrayDeque<>(STEPS + 1);
    private long tightNanos;

    private record Sample(long nanos, long finished) {}

    /**
     * Whether relief is due; at most once a step.
     *
     * @param tight whether most of the budget is used
     * @param finished of all time
     */
    public boolean isLasting(long nowNanos, boolean tight, long open, long finished) {
        if (tight) {
            tightNanos = nowNanos;
        } else if (samples.isEmpty() || nowNanos - tightNanos > RELIEVED_NANOS) {
            samples.clear();
            return false;
        }
        Sample last = samples.peekLast();
        if (last != null && nowNanos - last.nanos() < STEP_NANOS) {
            return false;
        }
        samples.add(new Sample(nowNanos, finished));
        if (samples.size() <= STEPS) {
            return false;
        }
        Sample first = samples.remove();
        double perNano = (double) (finished - first.finished()) / (nowNanos - first.nanos());
        return tight && open > perNano * PATIENCE_NANOS;
    }

    public void forget() {
        samples.clear();
    }
}
