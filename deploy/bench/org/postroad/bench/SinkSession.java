package org.postroad.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One SMTP session of a receiver that takes everything: command groups, a MAIL behind the dot, a final dot split over
 * any number of buffers. With a delay it works through a group one command at a time.
 */
final class SinkSession extends ChannelInboundHandlerAdapter {
    private static final byte[] OK = octets("250 2.0.0 Ok\r\n");
    private static final byte[] GO_AHEAD = octets("354 Go ahead\r\n");
    private static final byte[] CAPABILITIES =
            octets("250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n");
    private static final byte[] WITH_TLS =
            octets("250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-STARTTLS\r\n250 ENHANCEDSTATUSCODES\r\n");

    /** How much of the final dot has been seen: the middle of a line, its start, its dot, its CR. */
    private enum Seen {
        MIDDLE,
        START,
        DOT,
        CR
    }

    private final SinkTally tally;
    private final long delayNanos;
    private final @Nullable SslContext tls;
    private final ByteBuf command = Unpooled.buffer(512, 8_192);
    private ByteBuf replies = Unpooled.EMPTY_BUFFER;
    private boolean encrypted;
    private boolean content;
    private Seen seen = Seen.START;
    private int recipients;
    private String firstRecipient = "";
    private long lastReplyAt = System.nanoTime();

    SinkSession(SinkTally tally, long delayNanos, @Nullable SslContext tls) {
        this.tally = tally;
        this.delayNanos = delayNanos;
        this.tls = tls;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        tally.opened();
        ctx.writeAndFlush(Unpooled.wrappedBuffer(octets("220 sink.test ESMTP\r\n")));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            while (in.isReadable()) {
                if (content) {
                    skipContent(ctx, in);
                } else {
                    readCommand(ctx, in);
                }
            }
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (replies.isReadable()) {
            ctx.writeAndFlush(replies);
            replies = Unpooled.EMPTY_BUFFER;
        }
    }

    private void readCommand(ChannelHandlerContext ctx, ByteBuf in) {
        int end = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
        command.writeBytes(in, (end < 0 ? in.writerIndex() : end + 1) - in.readerIndex());
        if (end >= 0) {
            perform(ctx);
            command.clear();
        }
    }

    private void perform(ChannelHandlerContext ctx) {
        switch (command.getByte(0) & 0xdf) {
            case 'E' -> reply(ctx, tls != null && !encrypted ? WITH_TLS : CAPABILITIES);
            case 'R' -> {
                if ((command.getByte(1) & 0xdf) == 'C') {
                    recipient();
                }
                reply(ctx, OK);
            }
            case 'D' -> {
                content = true;
                seen = Seen.START;
                reply(ctx, GO_AHEAD);
            }
            case 'S' -> startTls(ctx);
            case 'Q' -> quit(ctx);
            default -> reply(ctx, OK);
        }
    }

    private void recipient() {
        if (recipients++ == 0 && tally.isWatched()) {
            firstRecipient = command.toString(StandardCharsets.US_ASCII);
        }
    }

    private void skipContent(ChannelHandlerContext ctx, ByteBuf in) {
        while (in.isReadable()) {
            if (seen == Seen.MIDDLE) {
                int end = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
                if (end < 0) {
                    in.skipBytes(in.readableBytes());
                    return;
                }
                in.readerIndex(end + 1);
                seen = Seen.START;
            } else if (isEnd(in.readByte())) {
                content = false;
                tally.arrived(recipients, firstRecipient);
                recipients = 0;
                reply(ctx, OK);
                return;
            }
        }
    }

    private boolean isEnd(byte octet) {
        boolean end = seen == Seen.CR && octet == '\n';
        if (octet == '\n') {
            seen = Seen.START;
        } else if (seen == Seen.START && octet == '.') {
            seen = Seen.DOT;
        } else {
            seen = seen == Seen.DOT && octet == '\r' ? Seen.CR : Seen.MIDDLE;
        }
        return end;
    }

    /** Now, together with the others of this flight, or so long after the reply before it. */
    private void reply(ChannelHandlerContext ctx, byte[] reply) {
        if (delayNanos == 0) {
            if (!replies.isReadable()) {
                replies = ctx.alloc().ioBuffer(512);
            }
            replies.writeBytes(reply);
            return;
        }
        ctx.executor()
                .schedule(
                        () -> ctx.writeAndFlush(Unpooled.wrappedBuffer(reply)),
                        untilNextReplyNanos(),
                        TimeUnit.NANOSECONDS);
    }

    private long untilNextReplyNanos() {
        long now = System.nanoTime();
        lastReplyAt = Math.max(now, lastReplyAt) + delayNanos;
        return lastReplyAt - now;
    }

    private void startTls(ChannelHandlerContext ctx) {
        channelReadComplete(ctx);
        encrypted = true;
        tally.encrypted();
        ctx.pipeline()
                .addFirst(new SslHandler(
                        Objects.requireNonNull(tls).newEngine(ctx.alloc()), true)); // its first write stays clear
        ctx.writeAndFlush(Unpooled.wrappedBuffer(octets("220 2.0.0 Go ahead\r\n")));
    }

    private void quit(ChannelHandlerContext ctx) {
        channelReadComplete(ctx);
        ctx.executor()
                .schedule(
                        () -> ctx.writeAndFlush(Unpooled.wrappedBuffer(octets("221 2.0.0 Bye\r\n")))
                                .addListener(written -> ctx.close()),
                        delayNanos == 0 ? 0 : untilNextReplyNanos(),
                        TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        tally.closed();
        replies.release();
        replies = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
