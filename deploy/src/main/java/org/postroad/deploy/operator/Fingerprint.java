package org.postroad.deploy.operator;

/**
 * 64 bits that stand for a key or a recipient: two of a million are the same once in 37 million runs.
 *
 * <p>FNV-1a with a begin of its own for each run, so that nobody can send mail whose fingerprints collide, and the last steps of
 * MurmurHash3, which spread it evenly over a table.
 */
final class Fingerprint {
    private static final long FNV_PRIME = 0x100000001b3L;

    private final long begin;

    /** @param begin any number that others cannot know */
    Fingerprint(long begin) {
        this.begin = begin;
    }

    long of(byte[] octets) {
        long hash = begin;
        for (byte octet : octets) {
            hash = (hash ^ (octet & 0xFF)) * FNV_PRIME;
        }
        return spread(hash);
    }

    /** Of one recipient of one generation of a message. */
    long of(String queueId, int generation, String address) {
        long hash = add(begin, queueId);
        hash = (hash ^ generation) * FNV_PRIME;
        return spread(add(hash, address));
    }

    private static long add(long begin, String text) {
        long hash = begin;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return hash;
    }

    private static long spread(long hash) {
        long mixed = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
