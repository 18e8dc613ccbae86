package org.postroad.ingress;

import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.postroad.ingress.http.UnfitRequestException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads JSON and composes mail on threads of its own, so many at a time: megabytes of Base64 would hold up everybody on an event loop.
 *
 * <p>Safe for all event loops.
 */
final class Composing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Composing.class);
    private static final int MOST_WAITING = 1_024;

    private final JsonMemory memory;
    private final EventExecutorGroup threads;

    Composing(JsonMemory memory, EventExecutorGroup threads) {
        this.memory = memory;
        this.threads = threads;
    }

    static Composing of(JsonMemory memory) {
        return new Composing(
                memory,
                new DefaultEventExecutorGroup(
                        Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
                        new DefaultThreadFactory("postroad-composing", true),
                        MOST_WAITING,
                        RejectedExecutionHandlers.reject()));
    }

    /** Something to be made. */
    interface Work<T> {
        T make() throws UnfitRequestException;
    }

    /** What hears, on the event loop, exactly one of these, once and never before the call returns. */
    interface Made<T> {
        void made(T result);

        void unfit(UnfitRequestException why);

        /** There is too much to do. */
        void busy();
    }

    /** Of what is read and composed. */
    JsonMemory memory() {
        return memory;
    }

    /** @param onFault hears what nobody foresaw, instead */
    <T> void run(EventExecutor loop, Work<T> work, Made<T> then, Consumer<Throwable> onFault) {
        try {
            threads.execute(() -> {
                Runnable told;
                try {
                    T result = work.make();
                    told = () -> then.made(result);
                } catch (UnfitRequestException e) {
                    told = () -> then.unfit(e);
                } catch (Throwable bug) {
                    told = () -> onFault.accept(bug);
                }
                tell(loop, told, onFault);
            });
        } catch (RejectedExecutionException busy) {
            tell(loop, then::busy, onFault);
        }
    }

    private static void tell(EventExecutor loop, Runnable told, Consumer<Throwable> onFault) {
        try {
            loop.execute(() -> {
                try {
                    told.run();
                } catch (Throwable bug) {
                    onFault.accept(bug);
                }
            });
        } catch (RejectedExecutionException closed) {
            LOG.atDebug().log("mail was composed for an event loop that has ended");
        }
    }

    @Override
    public void close() {
        threads.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
}
