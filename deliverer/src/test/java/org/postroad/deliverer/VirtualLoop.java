package org.postroad.deliverer;

import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.Ticker;

/** An event loop without sockets that runs when it is told to, by a clock that is moved; its thread is whoever made it. */
public final class VirtualLoop extends ManualIoEventLoop {
    public VirtualLoop(Ticker ticker) {
        super(null, Thread.currentThread(), LocalIoHandler.newFactory(), ticker);
    }

    /** When its next timer is due; {@link Long#MAX_VALUE} for none. */
    public long nextAt() {
        long deadline = nextScheduledTaskDeadlineNanos();
        return deadline < 0 ? Long.MAX_VALUE : deadline;
    }

    /** Does everything that is due; whether there was anything. */
    public boolean runAll() {
        boolean ran = false;
        while (runNow() > 0) {
            ran = true;
        }
        return ran;
    }
}
