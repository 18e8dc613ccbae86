package org.postroad.router;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a stream thread ends: another takes its place a second later, unless going on would lose or repeat
 * mail, or Kafka says that it may not: a right that is missing now is missing a second later.
 */
final class StreamFaults implements StreamsUncaughtExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(StreamFaults.class);
    private static final long PAUSE_SECONDS = 1;
    private static final String NO_OFFSET = "No valid committed offset";

    private final CountDownLatch closing = new CountDownLatch(1);
    private final CompletableFuture<Throwable> ended = new CompletableFuture<>();

    @Override
    public StreamThreadExceptionResponse handle(Throwable fault) {
        String fatal = fatalReason(fault);
        if (fatal != null) {
            LOG.atError().addKeyValue("cause", rootOf(fault).getMessage()).log(fatal);
            ended.complete(fault);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        Throwable root = rootOf(fault);
        if (fault instanceof UnlearnedSchemaException || fault.getCause() instanceof UnlearnedSchemaException) {
            LOG.atError().addKeyValue("cause", root.getMessage()).log("the router waits for a schema to be published");
        } else {
            LOG.atError().setCause(fault).log("a stream thread ended and is replaced");
        }
        pause();
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    /** The thread that ended pauses itself: nothing else runs on it, and the next starts only when this returns. */
    private void pause() {
        try {
            closing.await(PAUSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What ended it for good; null while nothing did. */
    @Nullable
    Throwable fatal() {
        return ended.getNow(null);
    }

    /** Nobody pauses any more. */
    void closing() {
        closing.countDown();
    }

    static @Nullable String fatalReason(Throwable fault) {
        if (Refusal.in(fault) != null) {
            return "the router stops: Kafka does not grant what it needs";
        }
        for (Throwable t = fault; t != null; t = t.getCause()) {
            boolean noOffset = t instanceof StreamsException
                    && String.valueOf(t.getMessage()).startsWith(NO_OFFSET);
            if (noOffset || t instanceof InvalidOffsetException) {
                return "the router stops: a partition has no valid committed offset, and to guess one would repeat or "
                        + "lose mail";
            }
            if (t instanceof MissingSourceTopicException) {
                return "the router stops: a topic it reads is missing";
            }
        }
        return null;
    }

    private static Throwable rootOf(Throwable fault) {
        Throwable root = fault;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
