package org.postroad.deliverer.content;

import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.ContentRef;

/** Chunks of referenced content, read from Kafka; safe for every thread, never blocks. */
public interface ContentSource {
    /** Content of more octets is large: few messages with such content are under way at once, and it is read apart. */
    long LARGE_OCTETS = 1 << 20;

    /** Of an envelope's content: inline content never is. */
    static boolean isLarge(Object content) {
        return content instanceof ContentRef ref && ref.getSize() > LARGE_OCTETS;
    }

    /** Reads one chunk and answers on the loop given, exactly once. */
    void read(ContentRef ref, int chunk, EventExecutor loop, Receiver receiver);

    /** Takes one chunk, or why it cannot be had. */
    @FunctionalInterface
    interface Receiver {
        /**
         * Takes the one, or the other.
         *
         * @param chunk null when it is gone for good or could not be read
         * @param gone content that mail refers to does not exist any more: hold the mail, never bounce it
         */
        void chunk(@Nullable ContentChunk chunk, boolean gone);
    }
}
