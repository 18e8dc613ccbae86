package org.postroad.router;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.postroad.schemas.QueueIds;

/**
 * Queue ids of the mail that may come again and was taken (see {@link org.postroad.schemas.TakenOnce}), in the store of parked shares,
 * behind all of them. With what is made of the mail they are written in one transaction, so that it is taken exactly once.
 *
 * <p>An id says when it was made; ids of two days ago do not come again and are forgotten, some at a time. Two days ago is what the ids
 * that come say of time, and the clock only where they say more: a router that was away for days may yet read what comes again. Confined
 * to its task.
 */
final class TakenIds {
    /** No domain, not even one that is none, begins with this octet in UTF-8. */
    static final Bytes BEHIND_ALL_SHARES = Bytes.wrap(new byte[] {(byte) 0xFF});

    /** Twice as long as a request may be repeated. */
    static final Duration REMEMBERED = Duration.ofDays(2);

    private static final int FORGET_EVERY = 1_000;
    private static final byte[] TAKEN = {0};

    private final KeyValueStore<Bytes, byte[]> store;
    private int untilForgetting = FORGET_EVERY;
    private Bytes oldest = BEHIND_ALL_SHARES;

    TakenIds(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /** Whether it is the first time that this mail comes. */
    boolean take(byte[] queueId, long nowMillis) {
        Bytes key = key(queueId);
        if (store.get(key) != null) {
            return false;
        }
        store.put(key, TAKEN);
        if (--untilForgetting == 0) {
            untilForgetting = FORGET_EVERY;
            long madeMillis = QueueIds.millisOf(new String(queueId, US_ASCII));
            forget(Math.min(nowMillis, madeMillis) - REMEMBERED.toMillis());
        }
        return true;
    }

    /** Twice as many as came since, so that none stay for ever; from where it ended the last time, for what is deleted is slow to pass. */
    private void forget(long beforeMillis) {
        Bytes end = key(QueueIds.beginningAt(beforeMillis).getBytes(US_ASCII));
        if (end.compareTo(oldest) < 0) {
            return; // it came from where clocks are slow, or late
        }
        try (KeyValueIterator<Bytes, byte[]> old = store.range(oldest, end)) {
            for (int i = 0; i < 2 * FORGET_EVERY && old.hasNext(); i++) {
                oldest = old.next().key;
                store.delete(oldest);
            }
        }
    }

    private static Bytes key(byte[] queueId) {
        return Bytes.wrap(ByteBuffer.allocate(1 + queueId.length)
                .put(BEHIND_ALL_SHARES.get())
                .put(queueId)
                .array());
    }
}
