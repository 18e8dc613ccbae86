package org.postroad.deliverer.content;

import io.netty.util.concurrent.EventExecutor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.postroad.schemas.Caps;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Envelope;

/** Where the header section of content ends (RFC 5322 section 2.1), and its beginning as a bounce returns it. */
public final class HeaderSection {
    /** Of content that is not referenced, which whoever wants its header section has at hand. */
    public static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /** That of referenced content, read from its first chunk; empty where there is none to be had. Heard once, on the loop given. */
    public static void read(Envelope envelope, ContentSource source, EventExecutor loop, Consumer<ByteBuffer> then) {
        if (envelope.getContent() instanceof ContentRef reference) {
            source.read(reference, 0, loop, (chunk, gone) -> then.accept(chunk == null ? NONE : block(chunk.octets())));
        } else {
            then.accept(NONE);
        }
    }

    private HeaderSection() {}

    /** Octets of the header section, the empty line not counted; all of them when there is no empty line. */
    public static int end(ByteBuffer content) {
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
