package org.postroad.deploy.node;

import java.util.function.BooleanSupplier;

/**
 * A role that runs in this process.
 *
 * @param ready whether it does its work now
 * @param live whether its loops turn; false is for ever, and only a new process helps
 */
public record Role(String name, BooleanSupplier ready, BooleanSupplier live, AutoCloseable running) {
    public boolean isReady() {
        return ready.getAsBoolean();
    }

    public boolean isLive() {
        return live.getAsBoolean();
    }
}
