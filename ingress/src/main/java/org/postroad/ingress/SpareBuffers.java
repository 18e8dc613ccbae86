package org.postroad.ingress;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Buffers that messages are done with, kept for the next, so that large content costs the collector little.
 *
 * <p>Confined to its event loop.
 */
final class SpareBuffers {
    /** The one size that is kept: a chunk's. */
    static final int OCTETS = 128 * 1024;

    private static final int MOST = 32;

    private final Deque<byte[]> spare = new ArrayDeque<>();

    /** A buffer of so many octets; what it holds is undefined. */
    byte[] take(int octets) {
        return octets == OCTETS && !spare.isEmpty() ? spare.pop() : new byte[octets];
    }

    /** Nobody looks at it any more. */
    void give(byte[] buffer) {
        if (buffer.length == OCTETS && spare.size() < MOST) {
            spare.push(buffer);
        }
    }
}
