package org.postroad.deploy.observer;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.QueueIds;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Takes messages out of the index that are over and older than what the events topic keeps, a part at a time; whoever is under way stays, however
 * old. Confined to one thread.
 */
final class Expiry {
    private final Store store;
    private byte[] next = {Rows.EVENT};

    Expiry(Store store) {
        this.store = store;
    }

    /**
     * Looks at some rows, on from where the last turn stopped.
     *
     * @param beforeMillis messages that came earlier go
     * @return whether there may be more to do now
     */
    boolean turn(long beforeMillis, int rows) {
        List<byte[]> gone = new ArrayList<>();
        int[] seen = {0};
        boolean[] more = {false};
        byte[][] last = {null};
        String[] message = {""};
        boolean[] stays = {false};
        store.from(next, new byte[] {Rows.EVENT}, (key, value) -> {
            String id = Rows.idOf(key);
            if (QueueIds.millisOf(id) >= beforeMillis) {
                return false;
            }
            if (!id.equals(message[0])) {
                if (seen[0] >= rows) {
                    more[0] = true;
                    last[0] = key;
                    return false;
                }
                message[0] = id;
                stays[0] = isUnderWay(id);
            }
            seen[0]++;
            if (!stays[0]) {
                gone.add(key);
                name(id, ReadEvent.parse(value), gone);
            }
            return true;
        });
        byte @Nullable [] from = last[0];
        next = from == null ? new byte[] {Rows.EVENT} : from;
        remove(gone);
        return more[0];
    }

    private boolean isUnderWay(String id) {
        boolean[] found = {false};
        store.each(Rows.about(Rows.LIVE, id), (key, value) -> {
            found[0] = true;
            return false;
        });
        return found[0];
    }

    private static void name(String id, @Nullable ReadEvent event, List<byte[]> gone) {
        if (event == null) {
            return;
        }
        event.recipients.forEach(recipient -> gone.add(Rows.naming(Rows.RECIPIENT, recipient, id)));
        if (!event.messageId.isEmpty()) {
            gone.add(Rows.naming(Rows.MESSAGE_ID, event.messageId, id));
        }
        if (QueueIds.isQueueId(event.parent)) {
            gone.add(Rows.child(event.parent, id));
        }
    }

    private void remove(List<byte[]> gone) {
        if (gone.isEmpty()) {
            return;
        }
        try (WriteBatch batch = new WriteBatch()) {
            for (byte[] key : gone) {
                batch.delete(key);
            }
            store.write(batch);
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }
}
