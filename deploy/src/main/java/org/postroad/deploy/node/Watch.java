package org.postroad.deploy.node;

import io.prometheus.client.hotspot.DefaultExports;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the main thread does while a node runs: it keeps house, looks whether all is alive, and ends everything in
 * order when a signal comes.
 *
 * <p>The JVM runs its shutdown hook on a signal and dies when that returns; so the hook wakes the main thread, which knows
 * what to end, and waits for it.
 */
public final class Watch {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long LOOK_MILLIS = 500;
    private static final int LOOKS_PER_TURN = 10;

    /** A process that was frozen, or starved for seconds, finds everything late when it wakes, and for one look only. */
    private static final int LOOKS_UNTIL_DEAD = 3;

    /** After the deliverer's drain; what takes longer than this is not going to end. */
    private static final Duration END_LIMIT = Duration.ofSeconds(30);

    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Down where an interrupt ends a wait and nothing else. */
    private final CountDownLatch interruptible = new CountDownLatch(1);

    private final Duration endLimit;

    private Watch(Duration drainLimit) {
        this.endLimit = drainLimit.plus(END_LIMIT);
    }

    /**
     * Installs the signals' hook for a node; call it before anything is started.
     *
     * <p>A start is not interrupted: Kafka's clients and its broker take an interrupt for a fault, say so with stack traces and leave
     * things half done. Each of its steps is short, or ends by itself when no broker answers, and between them a start looks at {@link
     * #isStopping}.
     *
     * @param drainLimit how long an orderly end may take of itself
     */
    public static Watch ofNode(Duration drainLimit) {
        return hooked(new Watch(drainLimit));
    }

    /** Installs the signals' hook for what has nothing to drain. */
    public static Watch install() {
        return install(Duration.ZERO);
    }

    /**
     * Installs the signals' hook, which interrupts whatever the calling thread does.
     *
     * @param drainLimit how long an orderly end may take of itself
     */
    public static Watch install(Duration drainLimit) {
        Watch watch = new Watch(drainLimit);
        watch.interruptible.countDown();
        return hooked(watch);
    }

    private static Watch hooked(Watch watch) {
        Thread main = Thread.currentThread();
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> watch.endWith(main), "postroad-end"));
        } catch (IllegalStateException ending) {
            awaitEnd();
        }
        return watch;
    }

    /** A signal came before we could watch for one: the process is about to end, and nothing more is to be begun. */
    private static void awaitEnd() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void endWith(Thread main) {
        if (ended.getCount() == 0) {
            return;
        }
        // In this order: whoever sees the latch down knows that no interrupt will hit the orderly end.
        if (interruptible.getCount() == 0) {
            main.interrupt();
        }
        stop.countDown();
        try {
            if (ended.await(endLimit.toMillis(), TimeUnit.MILLISECONDS)) {
                Runtime.getRuntime().halt(0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public boolean isStopping() {
        return stop.getCount() == 0;
    }

    /** Everything is closed: the process may go. */
    public void ended() {
        ended.countDown();
    }

    /**
     * Returns when a signal came, or when a part will never work again.
     *
     * @return what died, or null after a signal
     */
    public @org.jspecify.annotations.Nullable String over(Node node, Clock clock) {
        DefaultExports.register(node.registry());
        interruptible.countDown();
        try (Housekeeping housekeeping = new Housekeeping(node.kafka(), node.topics(), node.parts(), node.registry())) {
            int looksDead = 0;
            for (int look = 1; !stopsWithin(LOOK_MILLIS); look++) {
                String dead = node.dead();
                looksDead = dead == null ? 0 : looksDead + 1;
                if (looksDead == LOOKS_UNTIL_DEAD) {
                    return dead;
                }
                if (look % LOOKS_PER_TURN == 0) {
                    housekeeping.turn(clock.millis());
                }
            }
            LOG.atInfo().log("stopping");
            return null;
        }
    }

    /** Waits a while for a signal. */
    public boolean stopsWithin(long millis) {
        try {
            boolean stops = stop.await(millis, TimeUnit.MILLISECONDS);
            if (stops) {
                Thread.interrupted();
            }
            return stops;
        } catch (InterruptedException signal) {
            return stopsWithin(millis);
        }
    }
}
