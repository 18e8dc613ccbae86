package org.postroad.router;

import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the control topic for schemas on a thread of its own, since that may take seconds and a stream thread routes all other
 * mail meanwhile: one read at a time, the first at once, the next ones five seconds after the one before. What was learned is seen in
 * the known schemas.
 *
 * <p>Confined to the thread that asks.
 */
final class SchemaLessons {
    static final long BETWEEN_NANOS = 5_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(SchemaLessons.class);

    private final Runnable read;
    private CompletableFuture<Void> lesson = CompletableFuture.completedFuture(null);
    private boolean everAsked;
    private long askedNanos;

    /** @param read reads the control topic to its end; it blocks */
    SchemaLessons(Runnable read) {
        this.read = read;
    }

    /** Reads, later, unless a read runs or began a moment ago. */
    void ask(long nowNanos) {
        if (!lesson.isDone() || everAsked && nowNanos - askedNanos < BETWEEN_NANOS) {
            return;
        }
        everAsked = true;
        askedNanos = nowNanos;
        CompletableFuture<Void> started = new CompletableFuture<>();
        lesson = started;
        Thread thread = new Thread(() -> run(started), "postroad-schemas");
        thread.setDaemon(true);
        thread.start();
    }

    private void run(CompletableFuture<Void> started) {
        try {
            read.run();
        } catch (RuntimeException e) {
            LOG.atWarn().addKeyValue("why", e.toString()).log("the control topic could not be read for schemas");
        } finally {
            started.complete(null);
        }
    }
}
