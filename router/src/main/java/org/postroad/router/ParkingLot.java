package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Shares that wait for a lookup, in order of their domains, in a store that survives the node.
 *
 * <p>Confined to its task. It counts what it holds, so that an empty one costs nothing.
 */
final class ParkingLot {
    static final byte END = 0;
    static final byte AFTER_END = 1;

    private final KeyValueStore<Bytes, byte[]> store;
    private long count;

    /** Where a share came from: the queue id alone would let a message that came twice overwrite itself. */
    record Place(String domain, String topic, int partition, long offset, int share) {
        Bytes key() {
            byte[] domainOctets = domain.getBytes(UTF_8);
            byte[] topicOctets = topic.getBytes(UTF_8);
            return Bytes.wrap(ByteBuffer.allocate(domainOctets.length + topicOctets.length + 2 + 4 + 8 + 4)
                    .put(domainOctets)
                    .put(END)
                    .put(topicOctets)
                    .put(END)
                    .putInt(partition)
                    .putLong(offset)
                    .putInt(share)
                    .array());
        }

        static Place of(String domain, Source source, int share) {
            return new Place(domain, source.topic(), source.partition(), source.offset(), share);
        }

        Source source() {
            return new Source(topic, partition, offset);
        }

        static Place of(Bytes key) {
            byte[] octets = key.get();
            int endOfDomain = indexOfEnd(octets, 0);
            int endOfTopic = indexOfEnd(octets, endOfDomain + 1);
            ByteBuffer numbers = ByteBuffer.wrap(octets, endOfTopic + 1, octets.length - endOfTopic - 1);
            return new Place(
                    new String(octets, 0, endOfDomain, UTF_8),
                    new String(octets, endOfDomain + 1, endOfTopic - endOfDomain - 1, UTF_8),
                    numbers.getInt(),
                    numbers.getLong(),
                    numbers.getInt());
        }

        private static int indexOfEnd(byte[] octets, int from) {
            int i = from;
            while (octets[i] != END) {
                i++;
            }
            return i;
        }
    }

    ParkingLot(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
        // Without the keys that belong to no domain: see KeptRecords.
        try (KeyValueIterator<Bytes, byte[]> restored = store.range(bound("", AFTER_END), TakenIds.BEHIND_ALL_SHARES)) {
            for (; restored.hasNext(); restored.next()) {
                count++;
            }
        }
    }

    long count() {
        return count;
    }

    void park(Outputs.Parked parked) {
        store.put(parked.place().key(), parked.envelope());
        count++;
    }

    /** Decides about a share that may leave. */
    interface Taker {
        /** False when it has to stay, and with it what stands behind it. */
        boolean take(Place place, byte[] envelope);
    }

    /**
     * Takes shares of one domain out, at most so many of them.
     *
     * @return how many left; fewer than the limit when none is left, or the next one has to stay
     */
    int take(String domain, int limit, Taker taker) {
        if (count == 0) {
            return 0;
        }
        int taken = 0;
        try (KeyValueIterator<Bytes, byte[]> its = store.range(bound(domain, END), bound(domain, AFTER_END))) {
            while (taken < limit && its.hasNext()) {
                KeyValue<Bytes, byte[]> next = its.next();
                if (!taker.take(Place.of(next.key), next.value)) {
                    break;
                }
                store.delete(next.key);
                taken++;
            }
        }
        count -= taken;
        return taken;
    }

    /** The first domain after another that anything waits for, or null; "" is before all. */
    @Nullable
    String domainAfter(String domain) {
        try (KeyValueIterator<Bytes, byte[]> later =
                store.range(bound(domain, AFTER_END), TakenIds.BEHIND_ALL_SHARES)) {
            return later.hasNext() ? Place.of(later.peekNextKey()).domain() : null;
        }
    }

    static Bytes bound(String domain, byte end) {
        byte[] octets = domain.getBytes(UTF_8);
        return Bytes.wrap(
                ByteBuffer.allocate(octets.length + 1).put(octets).put(end).array());
    }
}
