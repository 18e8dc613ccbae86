package org.postroad.schemas;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The turns in which a reader follows a topic: what fails is said once, and tried again every second. Confined to one thread, but for
 * {@link #close}.
 */
public final class FollowedTurns implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FollowedTurns.class);

    private final Consumer<?, ?> consumer;
    private final String onFailure;
    private final CountDownLatch closing = new CountDownLatch(1);
    private boolean failing;

    /**
     * @param consumer is closed when the turns end
     * @param onFailure what the log says of a failure, with what follows from it
     */
    public FollowedTurns(Consumer<?, ?> consumer, String onFailure) {
        this.consumer = consumer;
        this.onFailure = onFailure;
    }

    /**
     * Takes turns; returns after {@link #close}.
     *
     * @param back goes back to what a turn that failed has not done
     */
    public void take(Runnable turn, Runnable back) {
        try {
            while (closing.getCount() > 0) {
                try {
                    turn.run();
                    failing = false;
                } catch (RuntimeException e) {
                    say(e);
                    back.run();
                    pause();
                }
            }
        } finally {
            consumer.close();
        }
    }

    /** Says it, unless that was said since the last turn that succeeded. */
    public void say(RuntimeException e) {
        if (!failing) {
            failing = true;
            LOG.atWarn().setCause(e).log(onFailure);
        }
    }

    private void pause() {
        try {
            boolean unusedWhenClosed = closing.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            close();
        }
    }

    @Override
    public void close() {
        closing.countDown();
    }
}
