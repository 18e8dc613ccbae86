package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.content.ContentChunk;
import org.postroad.deliverer.content.ContentSource;
import org.postroad.deliverer.content.MailContent;
import org.postroad.schemas.ContentRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends one message's content: piece by piece as the connection takes it, chunk by chunk as it is read, one chunk ahead.
 * Whatever the message's size, two chunks and one piece of it are in memory; what is small leaves together with its dot.
 *
 * <p>The digest is checked before the final dot can be sent, so damaged content never becomes a message. Confined to
 * the connection's loop.
 */
final class ContentFlow {
    private static final Logger LOG = LoggerFactory.getLogger(ContentFlow.class);

    /** What is stuffed and written at a time: the progress that RFC 5321 section 4.5.3.2.5 limits is a piece's. */
    static final int PIECE_OCTETS = 64 * 1024;

    /**
     * More than this is handed to the socket before its dot may follow: a dot that waits in our memory behind content which a slow
     * exchanger does not take would leave long after it was permitted. So much fits a socket's buffer at once.
     */
    static final int WITH_DOT_OCTETS = 20 * 1024;

    /** Room for the dot and for the commands of a message that rides with it. */
    private static final int ROOM_AFTER_OCTETS = 512;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Who hears what becomes of it. */
    interface Course {
        void contentProgressed();

        /** All of it that is not in this flight was handed to the socket: the dot may follow in the flight. */
        void contentEnded(ByteBuf flight);

        void contentFailed(Breakdown why);
    }

    private final Channel channel;
    private final MailContent content;
    private final Course course;
    private final DotStuffing stuffing = new DotStuffing();
    private final CRC32C digest = new CRC32C();
    private final @Nullable ContentRef reference;
    private ByteBuffer piecewise;
    private boolean prepended;
    private long octets;
    private int nextChunk;
    private boolean plain;
    private @Nullable ContentChunk ahead;
    private @Nullable Breakdown failure;
    private boolean started;
    private boolean writing;
    private boolean reading;
    private boolean over;

    ContentFlow(Channel channel, MailContent content, Course course) {
        this.channel = channel;
        this.content = content;
        this.course = course;
        this.reference = content.reference();
        this.piecewise = content.prepend().duplicate();
    }

    /** Reads the next chunk, if there is one: the first while MAIL and RCPT are answered. */
    void prefetch() {
        if (reference == null || reading || ahead != null || nextChunk >= chunks(reference)) {
            return;
        }
        reading = true;
        ContentSource.Receiver receiver = (chunk, gone) -> {
            reading = false;
            ahead = over ? null : chunk;
            if (chunk == null) {
                failure = gone
                        ? failed(Breakdown.Kind.CONTENT_GONE, "its content is gone")
                        : failed(Breakdown.Kind.CONTENT_UNREADABLE, "its content cannot be read now");
            }
            advance();
        };
        try {
            content.source().read(reference, nextChunk++, channel.eventLoop(), receiver);
        } catch (RuntimeException bug) {
            // Thrown on, it would take the message whose dot this one rides with along.
            LOG.atError().setCause(bug).log("unforeseen exception");
            reading = false;
            failure = failed(Breakdown.Kind.FAULT, "unforeseen: " + bug);
        }
    }

    /** The exchanger said 354. */
    void start() {
        started = true;
        advance();
    }

    /** The exchanger waits for content that has not been read yet. */
    boolean isStarved() {
        return started && reading && !writing;
    }

    /** Nothing more of it is wanted. */
    void cancel() {
        letGo();
    }

    /** The octets of what is over are not held until the connection has other work. */
    private void letGo() {
        over = true;
        ahead = null;
        piecewise = NOTHING;
    }

    private void advance() {
        boolean nothingAtHand = octets == 0 || !piecewise.hasRemaining();
        if (over || !started || writing || (reading && nothingAtHand)) {
            return;
        }
        ByteBuf out = channel.alloc().ioBuffer(likelyOctets());
        while (hasMore()) {
            int length = Math.min(piecewise.remaining(), PIECE_OCTETS - out.readableBytes());
            if (length <= 0) {
                write(out);
                return;
            }
            stuff(piecewise.slice(piecewise.position(), length), out);
            piecewise.position(piecewise.position() + length);
        }
        if (failure != null) {
            fail(out, failure);
        } else if (reading || out.readableBytes() > WITH_DOT_OCTETS) {
            write(out);
        } else {
            end(out);
        }
    }

    private int likelyOctets() {
        int next = ahead == null ? content.inline().remaining() : ahead.octets().length;
        int piece = Math.min(piecewise.remaining() + next, PIECE_OCTETS);
        return piece + piece / 32 + ROOM_AFTER_OCTETS;
    }

    /** Whether there are octets at hand: of the header lines first, then of the inline content or the chunk read last. */
    private boolean hasMore() {
        if (!piecewise.hasRemaining() && !prepended) {
            prepended = true;
            piecewise = content.inline().duplicate(); // empty where there is a reference
        }
        if (!piecewise.hasRemaining() && ahead != null) {
            octets += ahead.octets().length;
            digest.update(ahead.octets());
            piecewise = ByteBuffer.wrap(ahead.octets());
            plain = ahead.plain();
            ahead = null;
            prefetch();
        }
        return piecewise.hasRemaining();
    }

    private void end(ByteBuf out) {
        boolean whole =
                reference == null || octets == reference.getSize() && (int) digest.getValue() == reference.getCrc32c();
        if (!whole) {
            fail(out, failed(Breakdown.Kind.CONTENT_GONE, "its content does not match its digest"));
            return;
        }
        letGo();
        stuffing.finish(out);
        course.contentEnded(out);
    }

    private void write(ByteBuf out) {
        writing = true;
        channel.writeAndFlush(out).addListener((ChannelFuture future) -> {
            writing = false;
            if (future.isSuccess()) {
                course.contentProgressed();
                advance();
            }
        });
    }

    /** Heap buffers, as Avro makes them, without a copy. */
    private void stuff(ByteBuffer from, ByteBuf out) {
        if (from.hasArray()) {
            int offset = from.arrayOffset() + from.position();
            if (!plain || !stuffing.passPlain(from.array(), offset, from.remaining(), out)) {
                stuffing.stuff(from.array(), offset, from.remaining(), out);
            }
            return;
        }
        byte[] copy = new byte[from.remaining()];
        from.duplicate().get(copy);
        stuffing.stuff(copy, 0, copy.length, out);
    }

    private void fail(ByteBuf unsent, Breakdown why) {
        unsent.release();
        letGo();
        course.contentFailed(why);
    }

    private static Breakdown failed(Breakdown.Kind kind, String detail) {
        return Breakdown.of(kind, Step.CONTENT, detail);
    }

    private static int chunks(ContentRef reference) {
        return reference.getOffsets().size();
    }
}
