package org.postroad.deploy.operator;

/**
 * A positive number for each of many 64-bit fingerprints, in 12 octets a slot.
 *
 * <p>Three eighths to three quarters of the slots are taken, so an entry costs 16 to 32 octets, and 48 for the moment in which the
 * table grows; a {@code HashMap} would take some 100. Keys have to be spread evenly, as those of a {@link Fingerprint} are. Confined
 * to one thread.
 */
final class LongCounts {
    private static final int FIRST_SLOTS = 1_024;

    private long[] keys = new long[FIRST_SLOTS];

    /** 0 where the slot is free. */
    private int[] counts = new int[FIRST_SLOTS];

    private int size;

    int size() {
        return size;
    }

    /** Octets that its arrays take. */
    long octets() {
        return (long) keys.length * (Long.BYTES + Integer.BYTES);
    }

    /** The number of a key; 0 where it has none. */
    int get(long key) {
        return counts[slotOf(key)];
    }

    /** @param count above 0 */
    void put(long key, int count) {
        if (count <= 0) {
            throw new IllegalArgumentException("a free slot is 0: " + count);
        }
        int slot = slotOf(key);
        if (counts[slot] == 0) {
            size++;
        }
        keys[slot] = key;
        counts[slot] = count;
        if (size > keys.length / 4 * 3) {
            grow();
        }
    }

    /** Forgets a key. What stands behind it moves up, so that no slot is lost to what is gone. */
    void remove(long key) {
        int free = slotOf(key);
        if (counts[free] == 0) {
            return;
        }
        size--;
        int mask = keys.length - 1;
        for (int slot = (free + 1) & mask; counts[slot] != 0; slot = (slot + 1) & mask) {
            int wanted = (int) keys[slot] & mask;
            // It may move to the free slot unless its own first choice lies behind that one.
            if (((slot - wanted) & mask) >= ((slot - free) & mask)) {
                keys[free] = keys[slot];
                counts[free] = counts[slot];
                free = slot;
            }
        }
        counts[free] = 0;
    }

    long sum() {
        long sum = 0;
        for (int count : counts) {
            sum += count;
        }
        return sum;
    }

    /** How many keys have all these bits in their number. */
    long having(int bits) {
        long having = 0;
        for (int count : counts) {
            if ((count & bits) == bits) {
                having++;
            }
        }
        return having;
    }

    private int slotOf(long key) {
        int mask = keys.length - 1;
        int slot = (int) key & mask;
        while (counts[slot] != 0 && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldCounts = counts;
        keys = new long[oldKeys.length * 2];
        counts = new int[oldKeys.length * 2];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldCounts[i] != 0) {
                int slot = slotOf(oldKeys[i]);
                keys[slot] = oldKeys[i];
                counts[slot] = oldCounts[i];
            }
        }
    }
}
