package org.postroad.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * One SMTP session of a client that sends mail after mail: the envelope in one flight where the server pipelines,
 * content and dot in the next. Its input is reply lines.
 */
final class SourceSession extends SimpleChannelInboundHandler<ByteBuf> {
    /** Whose reply comes next. */
    private enum Step {
        BANNER,
        EHLO,
        ENVELOPE,
        DOT,
        QUIT
    }

    private final Supply supply;
    private final Recipients recipients;
    private final ByteBuf content;
    private Step step = Step.BANNER;
    private boolean pipelining;
    private long mail;
    private byte[][] commands = {};
    private int answered;

    SourceSession(Supply supply, Recipients recipients, ByteBuf content) {
        this.supply = supply;
        this.recipients = recipients;
        this.content = content;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf line) {
        if (line.readableBytes() > 3 && line.getByte(line.readerIndex() + 3) == '-') {
            pipelining |= says(line, "PIPELINING");
            return;
        }
        int first = line.getByte(line.readerIndex());
        boolean last = step == Step.ENVELOPE && answered == commands.length - 1;
        if (first != (last ? '3' : '2')) {
            supply.failed("the server said at " + step + ": " + line.toString(StandardCharsets.US_ASCII));
            step = Step.QUIT;
            ctx.close();
            return;
        }
        switch (step) {
            case BANNER -> {
                step = Step.EHLO;
                write(ctx, "EHLO source.test\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            case EHLO -> {
                pipelining |= says(line, "PIPELINING");
                next(ctx);
            }
            case ENVELOPE -> envelopeAnswered(ctx);
            case DOT -> {
                supply.accepted(mail);
                if (supply.pauseMillis() > 0) {
                    ctx.executor().schedule(() -> next(ctx), supply.pauseMillis(), TimeUnit.MILLISECONDS);
                } else {
                    next(ctx);
                }
            }
            case QUIT -> ctx.close();
        }
    }

    private void next(ChannelHandlerContext ctx) {
        mail = supply.next();
        if (mail < 0) {
            step = Step.QUIT;
            write(ctx, "QUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            return;
        }
        step = Step.ENVELOPE;
        answered = 0;
        commands = recipients.commands(mail);
        write(ctx, pipelining ? commands : new byte[][] {commands[0]});
    }

    private void envelopeAnswered(ChannelHandlerContext ctx) {
        answered++;
        if (answered == commands.length) {
            step = Step.DOT;
            ctx.writeAndFlush(content.retainedDuplicate());
        } else if (!pipelining) {
            write(ctx, commands[answered]);
        }
    }

    private static void write(ChannelHandlerContext ctx, byte[]... parts) {
        ctx.writeAndFlush(Unpooled.wrappedBuffer(parts));
    }

    private static boolean says(ByteBuf line, String keyword) {
        return line.toString(StandardCharsets.US_ASCII).regionMatches(true, 4, keyword, 0, keyword.length());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (step != Step.QUIT) {
            supply.failed("the server closed the connection at " + step);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (step != Step.QUIT) {
            step = Step.QUIT;
            supply.failed(cause.toString());
        }
        ctx.close();
    }
}
