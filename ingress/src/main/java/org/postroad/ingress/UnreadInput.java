package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** Octets that came from a client and were not used yet; while there are some, nothing more is read. Confined to its session's loop. */
final class UnreadInput {
    private final ByteBufAllocator alloc;
    private @Nullable ByteBuf octets;

    UnreadInput(ByteBufAllocator alloc) {
        this.alloc = alloc;
    }

    /** Takes over what was read from the socket. */
    void add(ByteBuf read) {
        octets = octets == null ? read : joined(octets, read);
    }

    /** Seldom needed, since reading stops as soon as something is left over. */
    private ByteBuf joined(ByteBuf first, ByteBuf second) {
        ByteBuf both = alloc.buffer(first.readableBytes() + second.readableBytes());
        both.writeBytes(first).writeBytes(second);
        first.release();
        second.release();
        return both;
    }

    /** To be used up, null where there is nothing. */
    @Nullable
    ByteBuf octets() {
        return octets;
    }

    boolean isEmpty() {
        return octets == null;
    }

    /** It is as if it had never come. */
    void forget() {
        if (octets != null) {
            octets.skipBytes(octets.readableBytes());
        }
    }

    /** Gives the buffer back where nothing is left in it. */
    void releaseIfUsed() {
        if (octets != null && !octets.isReadable()) {
            release();
        }
    }

    void release() {
        if (octets != null) {
            octets.release();
            octets = null;
        }
    }
}
