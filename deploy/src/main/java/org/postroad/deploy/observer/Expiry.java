package org.postroad.deploy.observer;

import java.util.ArrayList;
import java.util.List;
import org.postroad.schemas.QueueIds;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Takes messages out of the index that are over and of which nothing was told for as long as the events topic keeps, a part at a time;
 * whoever is under way stays, however old. Confined to one thread.
 */
final class Expiry {
    private final Store store;
    private byte[] next = {Rows.EVENT};

    Expiry(Store store) {
        this.store = store;
    }

    /** The rows of one message, as they are come upon. */
    private static final class Message {
        private final String id;
        private final List<byte[]> rows = new ArrayList<>();
        private long youngestMillis;

        private Message(String id) {
            this.id = id;
            this.youngestMillis = QueueIds.millisOf(id);
        }

        private void take(byte[] key, byte[] value) {
            rows.add(key);
            ReadEvent event = ReadEvent.parse(value);
            if (event != null) {
                youngestMillis = Math.max(youngestMillis, event.atMillis);
                name(id, event, rows);
            }
        }
    }

    /**
     * Looks at some rows, on from where the last turn stopped.
     *
     * @param beforeMillis messages go of which the youngest event is older
     * @return whether there may be more to do now
     */
    boolean turn(long beforeMillis, int rows) {
        List<Message> seen = new ArrayList<>();
        int[] number = {0};
        byte[][] last = {new byte[] {Rows.EVENT}};
        boolean[] more = {false};
        store.from(next, new byte[] {Rows.EVENT}, (key, value) -> {
            String id = Rows.idOf(key);
            if (seen.isEmpty() || !id.equals(seen.get(seen.size() - 1).id)) {
                more[0] = number[0] >= rows;
                if (more[0] || QueueIds.millisOf(id) >= beforeMillis) {
                    last[0] = more[0] ? key : last[0];
                    return false;
                }
                seen.add(new Message(id));
            }
            seen.get(seen.size() - 1).take(key, value);
            number[0]++;
            return true;
        });
        next = last[0];
        remove(seen.stream()
                .filter(message -> message.youngestMillis < beforeMillis && !isUnderWay(message.id))
                .flatMap(message -> message.rows.stream())
                .toList());
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

    private static void name(String id, ReadEvent event, List<byte[]> gone) {
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
