package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/** What has come from an exchanger and is no whole reply yet; confined to its connection's loop. */
final class Unread {
    private @Nullable ByteBuf kept;

    /** All there is to read now; whoever takes it keeps or releases it. */
    ByteBuf with(ChannelHandlerContext context, ByteBuf next) {
        ByteBuf first = kept;
        kept = null;
        if (first == null) {
            return next;
        }
        ByteBuf whole = context.alloc().buffer(first.readableBytes() + next.readableBytes());
        whole.writeBytes(first).writeBytes(next);
        first.release();
        next.release();
        return whole;
    }

    /** @param last nothing more will be read */
    void keep(ByteBuf rest, boolean last) {
        if (rest.isReadable() && !last) {
            kept = rest;
        } else {
            rest.release();
        }
    }

    /** What it said last, without the end of its line, to be added to why the connection ended. */
    String words() {
        ByteBuf rest = kept;
        return rest == null || !rest.isReadable()
                ? ""
                : "; it said: " + ReplyDecoder.words(rest, rest.readerIndex(), rest.writerIndex());
    }

    void release() {
        if (kept != null) {
            kept.release();
            kept = null;
        }
    }
}
