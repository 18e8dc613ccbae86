package org.postroad.deliverer.poll;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.postroad.deliverer.work.ContentSource.Receiver;
import org.postroad.schemas.ContentChunks;
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

    /** Whether there can be such a place: a reference is a stranger's word, and a consumer throws at some of them. */
    boolean isPlace() {
        return partition() >= 0 && offset() >= 0;
    }

    /** Answers with the record at the wanted place, if it is the wanted chunk. */
    void answer(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() != null && record.key() != null && ContentChunks.isChunk(record.key(), ref, chunk)) {
            answer(record.value(), false);
        } else {
            gone("another record stands in its place");
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

    private void answer(byte @org.jspecify.annotations.Nullable [] octets, boolean gone) {
        try {
            loop.execute(() -> receiver.chunk(octets, gone));
        } catch (RejectedExecutionException e) {
            LOG.atDebug().log("a chunk was read for an event loop that has ended");
        }
    }
}
