package org.postroad.deliverer.simulation;

import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.Ticker;

/** An event loop that runs when it is told to, by a clock that is moved; its thread is whoever made it. */
final class SimulatedLoop extends ManualIoEventLoop {
    SimulatedLoop(Ticker ticker) {
        super(null, Thread.currentThread(), LocalIoHandler.newFactory(), ticker);
    }

    /** Of its next timer; {@link Long#MAX_VALUE} for none. */
    long nextAt() {
        long deadline = nextScheduledTaskDeadlineNanos();
        return deadline < 0 ? Long.MAX_VALUE : deadline;
    }

    /** Everything that is due. */
    boolean runAll() {
        boolean ran = false;
        while (runNow() > 0) {
            ran = true;
        }
        return ran;
    }
}
