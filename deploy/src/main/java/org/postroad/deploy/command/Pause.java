package org.postroad.deploy.command;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.postroad.schemas.UnreachableException;

/** The wait of a command before it looks again. */
final class Pause {
    private Pause() {}

    /** Blocks for so long; whoever interrupts it ends the command. */
    static void of(Duration time) {
        try {
            boolean unusedSinceNobodyCountsDown = new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted", e);
        }
    }
}
