package org.postroad.deploy.node;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.UnreachableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts several roles at once, each on a thread that lasts no longer: a start is waiting for answers and loading classes,
 * and no role waits for another.
 */
final class RoleStarts {
    private static final Logger LOG = LoggerFactory.getLogger(RoleStarts.class);

    private RoleStarts() {}

    /** Starts one role. */
    interface Start {
        Role start() throws IOException;
    }

    /** All of them, in the order given; or the failure of the first that failed, with the others closed. */
    static List<Role> atOnce(Start... starts) throws IOException {
        List<FutureTask<Role>> tasks = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (Start start : starts) {
            FutureTask<Role> task = new FutureTask<>(start::start);
            Thread thread = new Thread(task, "postroad-start");
            thread.start();
            tasks.add(task);
            threads.add(thread);
        }
        List<Role> started = new ArrayList<>();
        Throwable failure = null;
        for (FutureTask<Role> task : tasks) {
            Throwable its = outcome(task, threads, started);
            failure = failure == null ? its : failure;
        }
        if (failure != null) {
            started.forEach(RoleStarts::close);
            throw rethrown(failure);
        }
        return started;
    }

    /** Waits for one, through interrupts, which end the starts instead: nothing may be left running behind our back. */
    private static @Nullable Throwable outcome(FutureTask<Role> task, List<Thread> threads, List<Role> started) {
        @Nullable Throwable interrupted = null;
        while (true) {
            try {
                started.add(task.get());
                return interrupted;
            } catch (ExecutionException e) {
                return interrupted == null ? e.getCause() : interrupted;
            } catch (InterruptedException signal) {
                interrupted = new UnreachableException("interrupted while starting", signal);
                threads.forEach(Thread::interrupt);
            }
        }
    }

    private static RuntimeException rethrown(Throwable failure) throws IOException {
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        return failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
    }

    private static void close(Role role) {
        try {
            role.running().close();
        } catch (Exception e) {
            LOG.atWarn().setCause(e).log("a part did not end cleanly");
        }
    }
}
