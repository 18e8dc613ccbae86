package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.work.ContentSource;
import org.postroad.schemas.ContentRef;

/**
 * Sends content that is too large for one flight: piece by piece as the connection takes it, chunk by chunk as it is
 * read, one chunk ahead. Whatever the message's size, two chunks and one piece of it are in memory.
 *
 * <p>The digest is checked before the final dot can be sent, so damaged content never becomes a message. Confined to
 * the connection's loop.
 */
final class ContentFlow {
    /** What is stuffed and written at a time: the progress that RFC 5321 section 4.5.3.2.5 limits is a piece's. */
    static final int PIECE_OCTETS = 64 * 1024;

    /** What becomes of it. */
    interface Course {
        void progressed();

        /** All of it was handed to the socket; a dot may follow. */
        void written();

        void failed(Breakdown.Kind kind, String detail);
    }

    private final Channel channel;
    private final MailContent content;
    private final Course course;
    private final DotStuffing stuffing = new DotStuffing();
    private final CRC32C digest = new CRC32C();
    private long octets;
    private int nextChunk;
    private byte @Nullable [] ahead;
    private @Nullable ByteBuffer piecewise;
    private Breakdown.@Nullable Kind failure;
    private boolean started;
    private boolean writing;
    private boolean reading;
    private boolean over;

    ContentFlow(Channel channel, MailContent content, Course course) {
        this.channel = channel;
        this.content = content;
        this.course = course;
    }

    /** Reads the first chunk while MAIL and RCPT are answered. */
    void prefetch() {
        ContentRef reference = content.reference();
        if (reference == null || reading || ahead != null || nextChunk >= chunks(reference)) {
            return;
        }
        reading = true;
        ContentSource.Receiver receiver = (chunk, gone) -> {
            reading = false;
            ahead = chunk;
            if (chunk == null) {
                failure = gone ? Breakdown.Kind.CONTENT_GONE : Breakdown.Kind.CONTENT_UNREADABLE;
            }
            advance();
        };
        content.source().read(reference, nextChunk++, channel.eventLoop(), receiver);
    }

    /** The exchanger said 354. */
    void start() {
        started = true;
        ByteBuf out = channel.alloc().ioBuffer(content.prepend().remaining() + 256);
        stuff(content.prepend(), out);
        piecewise = content.inline().duplicate(); // empty where there is a reference
        write(out);
    }

    /** The exchanger waits for content that has not been read yet. */
    boolean isStarved() {
        return started && reading && !writing && piecewise != null && !piecewise.hasRemaining();
    }

    /** Nothing more of it is wanted. */
    void cancel() {
        over = true;
        ahead = null;
        piecewise = null;
    }

    private void advance() {
        if (over || !started || writing) {
            return;
        }
        if (piecewise != null && piecewise.hasRemaining()) {
            writePiece(piecewise);
        } else if (ahead != null) {
            takeChunk(ahead);
        } else if (failure != null) {
            fail(failure, "its content cannot be read");
        } else if (!reading) {
            end();
        }
    }

    private void takeChunk(byte[] chunk) {
        ahead = null;
        octets += chunk.length;
        digest.update(chunk);
        piecewise = ByteBuffer.wrap(chunk);
        prefetch();
        advance();
    }

    private void writePiece(ByteBuffer from) {
        int length = Math.min(from.remaining(), PIECE_OCTETS);
        ByteBuf out = channel.alloc().ioBuffer(length + length / 32 + 256);
        ByteBuffer piece = from.slice(from.position(), length);
        from.position(from.position() + length);
        stuff(piece, out);
        write(out);
    }

    private void end() {
        ContentRef reference = content.reference();
        boolean whole =
                reference == null || octets == reference.getSize() && (int) digest.getValue() == reference.getCrc32c();
        if (!whole) {
            fail(Breakdown.Kind.CONTENT_GONE, "its content does not match its digest");
            return;
        }
        over = true;
        ByteBuf out = channel.alloc().ioBuffer(4);
        stuffing.finish(out);
        channel.writeAndFlush(out, channel.voidPromise());
        course.written();
    }

    private void write(ByteBuf out) {
        writing = true;
        channel.writeAndFlush(out).addListener((ChannelFuture future) -> {
            writing = false;
            if (future.isSuccess()) {
                course.progressed();
                advance();
            }
        });
    }

    private void stuff(ByteBuffer from, ByteBuf out) {
        stuff(stuffing, from, out);
    }

    /** Heap buffers, as Avro makes them, without a copy. */
    static void stuff(DotStuffing stuffing, ByteBuffer from, ByteBuf out) {
        if (from.hasArray()) {
            stuffing.stuff(from.array(), from.arrayOffset() + from.position(), from.remaining(), out);
            return;
        }
        byte[] copy = new byte[from.remaining()];
        from.duplicate().get(copy);
        stuffing.stuff(copy, 0, copy.length, out);
    }

    private void fail(Breakdown.Kind kind, String detail) {
        over = true;
        course.failed(kind, detail);
    }

    private static int chunks(ContentRef reference) {
        return reference.getOffsets().size();
    }
}
