package org.postroad.bench;

import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/** What one listener of the sink has seen; written on the sink's loop only. */
@SuppressWarnings("NonAtomicVolatileUpdate") // others only read
final class SinkTally {
    private final @Nullable ObjLongConsumer<String> watcher;
    private volatile long mails;
    private volatile long recipients;
    private volatile long connections;
    private volatile long handshakes;
    private volatile long open;
    private volatile long mostOpen;

    /** The watcher, or null, hears each mail's first RCPT command and when its final dot came. */
    SinkTally(@Nullable ObjLongConsumer<String> watcher) {
        this.watcher = watcher;
    }

    boolean isWatched() {
        return watcher != null;
    }

    void arrived(int newRecipients, String firstRecipient) {
        if (watcher != null) {
            watcher.accept(firstRecipient, System.nanoTime());
        }
        mails = mails + 1;
        recipients = recipients + newRecipients;
    }

    void opened() {
        connections = connections + 1;
        open = open + 1;
        mostOpen = Math.max(mostOpen, open);
    }

    void closed() {
        open = open - 1;
    }

    void encrypted() {
        handshakes = handshakes + 1;
    }

    /** Starts the most connections at once afresh. */
    void forget() {
        mostOpen = open;
    }

    @Override
    public String toString() {
        return recipients + " " + mails + " " + connections + " " + handshakes + " " + mostOpen;
    }
}
