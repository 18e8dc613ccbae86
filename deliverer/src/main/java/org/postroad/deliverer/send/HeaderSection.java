package org.postroad.deliverer.send;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.postroad.schemas.Caps;

/** Where the header section of content ends (RFC 5322 section 2.1), and its beginning as a bounce returns it. */
final class HeaderSection {
    private HeaderSection() {}

    /** Octets of the header section, the empty line not counted; all of them when there is no empty line. */
    static int end(ByteBuffer content) {
        int start = content.position();
        int length = content.remaining();
        for (int i = 0; i + 1 < length; i++) {
            boolean atLineStart = i == 0 || content.get(start + i - 1) == '\n';
            if (atLineStart && content.get(start + i) == '\r' && content.get(start + i + 1) == '\n') {
                return i;
            }
        }
        return length;
    }

    /** At most what a failure record may keep; whole lines where it must be cut. */
    static ByteBuffer block(byte[] firstChunk) {
        ByteBuffer chunk = ByteBuffer.wrap(firstChunk);
        int end = end(chunk);
        if (end > Caps.HEADER_BLOCK_OCTETS) {
            end = Caps.HEADER_BLOCK_OCTETS;
            while (end > 0 && firstChunk[end - 1] != '\n') {
                end--;
            }
        }
        byte[] block = Arrays.copyOf(firstChunk, end);
        return ByteBuffer.wrap(block);
    }
}
