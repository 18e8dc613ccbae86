package org.postroad.deploy.node;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A role that runs in this process.
 *
 * @param ready whether it does its work now
 * @param live whether its loops turn; false is for ever, and only a new process helps
 * @param fault what ended it for good, where that is known; null while it lives
 * @param listeners where it takes mail by SMTP
 * @param httpListeners where it takes mail by HTTP
 */
public record Role(
        String name,
        BooleanSupplier ready,
        BooleanSupplier live,
        Supplier<@Nullable Throwable> fault,
        List<InetSocketAddress> listeners,
        List<InetSocketAddress> httpListeners,
        AutoCloseable running) {
    public boolean isReady() {
        return ready.getAsBoolean();
    }

    public boolean isLive() {
        return live.getAsBoolean();
    }
}
