package org.postroad.deliverer;

import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Time as a test counts it. */
public record SuppliedTicker(LongSupplier nanos) implements Ticker {
    @Override
    public long initialNanoTime() {
        return 0;
    }

    @Override
    public long nanoTime() {
        return nanos.getAsLong();
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
        throw new UnsupportedOperationException("nobody sleeps");
    }
}
