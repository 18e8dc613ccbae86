package org.postroad.schemas;

import java.nio.ByteBuffer;

/** Chunks of the content topic: raw octets, keyed by content id and their place in the content. */
public final class ContentChunks {
    private static final int ID_OCTETS = 16;

    private ContentChunks() {}

    public static byte[] key(ContentId id, int index) {
        return ByteBuffer.allocate(ID_OCTETS + Integer.BYTES)
                .put(id.bytes())
                .putInt(index)
                .array();
    }

    /** Whether a record of the content topic is the chunk that a reference means. */
    public static boolean isChunk(byte[] key, ContentRef ref, int index) {
        return java.util.Arrays.equals(key, key(ref.getId(), index));
    }
}
