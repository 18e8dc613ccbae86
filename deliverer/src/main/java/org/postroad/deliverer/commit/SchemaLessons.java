package org.postroad.deliverer.commit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.postroad.schemas.ControlTopic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the control topic when a record's schema is unknown, on a thread of its own: the read may take seconds, and the poller
 * never waits. At most one read runs at a time.
 */
public final class SchemaLessons {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaLessons.class);

    private final Runnable read;
    private CompletableFuture<Void> lesson = CompletableFuture.completedFuture(null);

    public SchemaLessons(ControlTopic control) {
        this(control::learn);
    }

    public SchemaLessons(Runnable read) {
        this.read = read;
    }

    /** The running read, or a new one; it ends well even when it could not be had. Confined to the poller's thread. */
    public Future<Void> next() {
        if (lesson.isDone()) {
            CompletableFuture<Void> started = new CompletableFuture<>();
            lesson = started;
            Thread thread = new Thread(() -> run(started), "postroad-schemas");
            thread.setDaemon(true);
            thread.start();
        }
        return lesson;
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
