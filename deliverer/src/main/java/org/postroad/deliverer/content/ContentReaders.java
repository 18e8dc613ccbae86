package org.postroad.deliverer.content;

import io.netty.util.concurrent.EventExecutor;
import org.postroad.schemas.ContentRef;

/**
 * Two readers side by side: large content is read in long stretches far from each other, and whoever wants a small one does not
 * wait behind them.
 */
public record ContentReaders(ContentReader ordinary, ContentReader large) implements ContentSource {
    @Override
    public void read(ContentRef ref, int chunk, EventExecutor loop, Receiver receiver) {
        (ContentSource.isLarge(ref) ? large : ordinary).read(ref, chunk, loop, receiver);
    }

    public void close() {
        ordinary.close();
        large.close();
    }
}
