package org.postroad.deliverer.content;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.ContentRef;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.InlineContent;

/**
 * A message's octets as an exchanger gets them: the lines we add, then the content, at hand or to be read by chunks.
 *
 * @param inline empty where there is a reference
 */
public record MailContent(
        ByteBuffer prepend, ByteBuffer inline, @Nullable ContentRef reference, ContentSource source) {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    public static MailContent of(Envelope envelope, ContentSource source) {
        return envelope.getContent() instanceof ContentRef reference
                ? new MailContent(envelope.getPrepend(), NOTHING, reference, source)
                : new MailContent(
                        envelope.getPrepend(), ((InlineContent) envelope.getContent()).getOctets(), null, source);
    }

    /** As RFC 1870 counts them: before dots are added. */
    public long octets() {
        return prepend.remaining() + (reference == null ? inline.remaining() : reference.getSize());
    }
}
