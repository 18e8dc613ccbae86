package org.postroad.deliverer.smtp;

import io.netty.util.concurrent.Ticker;

/** When the step of a dialog that is running began; tells how long each took. Confined to its connection's loop. */
public final class StepTime {
    /** Who hears it, in nanoseconds. */
    public interface Measures {
        /** A step was done: a reply came, the connection or TLS was there. */
        void replied(Step step, long nanos);

        /** A step that the other side or the network ended, without a reply to it. */
        void failed(Step step, long nanos);
    }

    private final Ticker ticker;
    private final Measures measures;
    private long begunAt;

    StepTime(Ticker ticker, Measures measures) {
        this.ticker = ticker;
        this.measures = measures;
        this.begunAt = ticker.nanoTime();
    }

    /** Another step begins, or the running one has come further. */
    void restart() {
        begunAt = ticker.nanoTime();
    }

    /** This step is done, and the next begins. */
    void replied(Step step) {
        long now = ticker.nanoTime();
        measures.replied(step, now - begunAt);
        begunAt = now;
    }

    void failed(Step step) {
        measures.failed(step, ticker.nanoTime() - begunAt);
    }

    boolean isOver(long limitNanos, long nowNanos) {
        return nowNanos - begunAt > limitNanos;
    }
}
