package org.postroad.deliverer.content;

import java.nio.ByteBuffer;
import org.postroad.schemas.Caps;

/** The header section of a message, as much of it as a failure keeps for the bounce. */
public final class HeaderBlock {
    private HeaderBlock() {}

    /** The lines before the first empty one, cut at a line's end when they are more than {@link Caps#HEADER_BLOCK_OCTETS}. */
    public static ByteBuffer of(ByteBuffer content) {
        int start = content.position();
        int limit = Math.min(content.remaining(), Caps.HEADER_BLOCK_OCTETS);
        int end = 0;
        for (int i = 0; i < limit; i++) {
            if (content.get(start + i) == '\n') {
                boolean empty = i == end || (i - end == 1 && content.get(start + end) == '\r');
                if (empty) {
                    break;
                }
                end = i + 1;
            }
        }
        return content.slice(start, end);
    }
}
