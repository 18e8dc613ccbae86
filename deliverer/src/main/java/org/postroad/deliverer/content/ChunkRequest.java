package org.postroad.deliverer.content;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.content.ContentSource.Receiver;
import org.postroad.schemas.ContentRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One chunk that an event loop waits for. */
record ChunkRequest(ContentRef ref, int chunk, EventExecutor loop, Receiver receiver, long deadlineNanos) {
    private static final Logger LOG = LoggerFactory.getLogger(ChunkRequest.class);

    int partition() {
        return ref.getPartition();
    }

    /** Its offset; -1 when the reference has no such chunk. */
    long offset() {
        return chunk >= 0 && chunk < ref.getOffsets().size() ? ref.getOffsets().get(chunk) : -1;
    }

    /** The offset after the chunks that follow it in the log without a gap, of at most so many. */
    long endOfStretch(int most) {
        int next = chunk + 1;
        while (next < ref.getOffsets().size()
                && next - chunk <= most
                && ref.getOffsets().get(next) == offset() + next - chunk) {
            next++;
        }
        return offset() + next - chunk;
    }

    /** Whether there can be such a place: a reference is a stranger's word, and a consumer throws at some of them. */
    boolean isPlace() {
        return partition() >= 0 && offset() >= 0;
    }

    /** Answers with what stands at the wanted place, if it is the wanted chunk. */
    void answer(Chunk found) {
        ContentChunk content = found.is(ref, chunk) ? found.content() : null;
        if (content == null) {
            gone("another record, or a damaged one, stands in its place");
        } else {
            answer(content, false);
        }
    }

    void gone(String why) {
        LOG.atError()
                .addKeyValue("contentPartition", partition())
                .addKeyValue("contentOffset", offset())
                .addKeyValue("why", why)
                .log("content that mail refers to is gone");
        answer(null, true);
    }

    void unread() {
        answer(null, false);
    }

    private void answer(@Nullable ContentChunk content, boolean gone) {
        try {
            loop.execute(() -> receiver.chunk(content, gone));
        } catch (RejectedExecutionException e) {
            LOG.atDebug().log("a chunk was read for an event loop that has ended");
        }
    }
}
