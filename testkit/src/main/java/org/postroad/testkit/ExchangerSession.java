package org.postroad.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One SMTP session of a scripted exchanger; confined to its connection's event loop.
 *
 * <p>At most one command waits for its answer. Until it has it nothing more is taken from the buffer, so that a delayed reply
 * delays all that follow it in the pipeline, as a real server's would. Replies are flushed when the read that caused them is
 * used up.
 */
final class ExchangerSession extends ByteToMessageDecoder implements Effect.Wire {
    private static final Logger LOG = LoggerFactory.getLogger(ExchangerSession.class);
    private static final int LONGEST_LINE = 4_096;
    /** What a client may send ahead of an answer that does not come, before its writes back up. */
    private static final int LONGEST_PIPELINE = 1 << 20;

    private final SocketChannel channel;
    private final Script script;
    private final ExchangerLedger ledger;
    private final @Nullable SslContext tlsContext;
    private final InstantSource clock;
    private final ContentScanner scanner = new ContentScanner();
    private final List<ReceivedMail.Recipient> recipients = new ArrayList<>();

    private int connection;
    private boolean tls;
    private boolean inContent;
    private boolean contentBegun;
    private boolean reading;
    private boolean stopped;
    private boolean uncounted;
    private boolean ended;
    private @Nullable String reversePath;
    private String mailParameters = "";
    private @Nullable ByteBuf content;
    private @Nullable IntConsumer waiting;

    ExchangerSession(
            SocketChannel channel,
            Script script,
            ExchangerLedger ledger,
            @Nullable SslContext tlsContext,
            InstantSource clock) {
        this.channel = channel;
        this.script = script;
        this.ledger = ledger;
        this.tlsContext = tlsContext;
        this.clock = clock;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        connection = ledger.opened(script.maxConnections());
        if (connection == 0) {
            write(ExchangerReplies.line("421 4.7.0 too many connections"));
            close();
            return;
        }
        answer(Point.CONNECT, "", ExchangerReplies.BANNER, code -> {});
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        ended = true;
        waiting = null;
        dropContent();
        noLongerCounted();
        super.channelInactive(ctx);
    }

    /** When it closes and not when that is done: the client may have connected again before. */
    private void noLongerCounted() {
        if (connection > 0 && !uncounted) {
            uncounted = true;
            ledger.closed();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object input) throws Exception {
        reading = true;
        super.channelRead(ctx, input);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        reading = false;
        ctx.flush();
        if (channel.config().isAutoRead()) {
            super.channelReadComplete(ctx);
        } else {
            ctx.fireChannelReadComplete(); // where nothing was decoded the decoder would ask for more
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (ended) {
            in.skipBytes(in.readableBytes());
        } else if (waiting != null) {
            if (in.readableBytes() > LONGEST_PIPELINE) {
                channel.config().setAutoRead(false);
            }
        } else if (inContent) {
            readContent(in);
        } else {
            readCommand(in);
        }
    }

    private void readCommand(ByteBuf in) {
        int lineFeed = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
        if (lineFeed < 0) {
            if (in.readableBytes() > LONGEST_LINE) {
                write(ExchangerReplies.line("500 5.5.6 line too long"));
                close();
            }
            return;
        }
        int from = in.readerIndex();
        int to = lineFeed > from && in.getByte(lineFeed - 1) == '\r' ? lineFeed - 1 : lineFeed;
        ExchangerCommand command = ExchangerCommand.parse(in, from, to);
        if (ledger.keeping()) {
            ledger.said(connection, "C: " + in.toString(from, to - from, StandardCharsets.UTF_8));
        }
        in.readerIndex(lineFeed + 1);
        obey(command, in);
    }

    private void obey(ExchangerCommand command, ByteBuf in) {
        switch (command.verb()) {
            case "EHLO" ->
                answer(
                        Point.EHLO,
                        command.parameters(),
                        ExchangerReplies.capabilities(script, tls),
                        code -> resetTransaction());
            case "HELO" ->
                answer(
                        Point.EHLO,
                        command.parameters(),
                        ExchangerReplies.line("250 exchanger.test"),
                        code -> resetTransaction());
            case "STARTTLS" -> startTls(in);
            case "MAIL" ->
                answer(Point.MAIL, command.path(), ExchangerReplies.MAIL_OK, code -> mailAnswered(command, code));
            case "RCPT" -> recipient(command);
            case "DATA" -> data();
            case "RSET" -> answer(Point.RSET, "", ExchangerReplies.OK, code -> resetTransaction());
            case "NOOP" -> reply(ExchangerReplies.OK);
            case "QUIT" -> answer(Point.QUIT, "", ExchangerReplies.line("221 2.0.0 bye"), code -> close());
            default -> reply(ExchangerReplies.line("500 5.5.1 unknown command"));
        }
    }

    private void startTls(ByteBuf in) {
        SslContext shown = tlsContext;
        if (shown == null || tls) {
            reply(ExchangerReplies.line("502 5.5.1 no TLS here"));
            return;
        }
        // What was sent ahead in clear must not count as sent under TLS (RFC 3207 section 4.2).
        in.skipBytes(in.readableBytes());
        answer(Point.STARTTLS, "", ExchangerReplies.line("220 2.0.0 go ahead"), code -> {
            if (code == 220) {
                channel.flush();
                tls = true;
                resetTransaction();
                channel.pipeline().addFirst(shown.newHandler(channel.alloc()));
            }
        });
    }

    private void mailAnswered(ExchangerCommand command, int code) {
        if (code == 250) {
            resetTransaction();
            reversePath = command.path();
            mailParameters = command.parameters();
        }
    }

    private void recipient(ExchangerCommand command) {
        if (reversePath == null) {
            reply(ExchangerReplies.line("503 5.5.1 MAIL first"));
            return;
        }
        answer(Point.RCPT, reversePath + " " + command.path(), ExchangerReplies.RCPT_OK, code -> {
            if (code / 10 == 25) {
                recipients.add(new ReceivedMail.Recipient(command.path(), command.parameters()));
            }
        });
    }

    private void data() {
        if (recipients.isEmpty()) {
            reply(ExchangerReplies.line(
                    reversePath == null ? "503 5.5.1 MAIL first" : "554 5.5.1 no valid recipients"));
            return;
        }
        answer(Point.DATA, "", ExchangerReplies.GO_AHEAD, code -> {
            if (code == 354) {
                inContent = true;
                contentBegun = false;
                scanner.restart();
                content = ledger.keeping() ? channel.alloc().buffer() : null;
            }
        });
    }

    private void readContent(ByteBuf in) {
        if (!contentBegun) {
            contentBegun = true;
            unasked(Point.CONTENT);
            if (ended) {
                return;
            }
        }
        if (scanner.scan(in, content)) {
            inContent = false;
            answer(Point.DOT, "", ExchangerReplies.DOT_OK, this::dotAnswered);
        }
    }

    private void dotAnswered(int code) {
        if (code == 250) {
            take();
        }
        resetTransaction();
        unasked(Point.IDLE);
    }

    private void take() {
        ByteBuf kept = content;
        if (kept == null) {
            ledger.took(recipients.size(), scanner.octets());
            return;
        }
        byte[] octets = new byte[kept.readableBytes()];
        kept.readBytes(octets);
        ledger.took(new ReceivedMail(
                reversePath == null ? "" : reversePath,
                mailParameters,
                List.copyOf(recipients),
                octets,
                tls,
                connection,
                clock.instant()));
    }

    private void resetTransaction() {
        reversePath = null;
        mailParameters = "";
        recipients.clear();
        dropContent();
    }

    private void dropContent() {
        if (content != null) {
            content.release();
            content = null;
        }
    }

    private void answer(Point point, String subject, byte[] usual, IntConsumer answered) {
        waiting = answered;
        Effect effect = script.effectAt(point, subject, ledger);
        if (effect == null) {
            reply(usual);
        } else {
            effect.play(this);
        }
    }

    private void unasked(Point point) {
        Effect effect = script.effectAt(point, "", ledger);
        if (effect != null) {
            effect.play(this);
        }
    }

    @Override
    public void reply(byte[] octets) {
        if (ended) {
            return;
        }
        write(octets);
        IntConsumer answered = waiting;
        if (answered != null) {
            waiting = null;
            answered.accept(ExchangerReplies.code(octets));
        }
        if (!reading) {
            resume();
        }
    }

    /** Goes on with what the client sent ahead of an answer that came late. */
    private void resume() {
        channel.flush();
        ChannelHandlerContext here = channel.pipeline().context(this);
        if (here == null || ended) {
            return;
        }
        channel.config().setAutoRead(!stopped);
        try {
            channelRead(here, Unpooled.EMPTY_BUFFER);
            channelReadComplete(here);
        } catch (Exception e) {
            exceptionCaught(here, e);
        }
    }

    @Override
    public void write(byte[] octets) {
        if (ended) {
            return;
        }
        if (ledger.keeping()) {
            for (String said : new String(octets, StandardCharsets.UTF_8).split("\r\n")) {
                ledger.said(connection, "S: " + said);
            }
        }
        channel.write(Unpooled.wrappedBuffer(octets));
        if (!reading) {
            channel.flush();
        }
    }

    @Override
    public void close() {
        ended = true;
        SslHandler unshaken = channel.pipeline().get(SslHandler.class);
        if (unshaken != null && !unshaken.handshakeFuture().isDone()) {
            // Or its farewell, an alert in clear, would follow the 220 as if somebody had injected it.
            channel.pipeline().remove(unshaken);
        }
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
            noLongerCounted();
            channel.close();
        });
    }

    @Override
    public void reset() {
        ended = true;
        channel.config().setSoLinger(0);
        noLongerCounted();
        channel.close();
    }

    @Override
    public void stopReading() {
        stopped = true; // for good: an answer that comes late starts no reading again
        channel.config().setAutoRead(false);
    }

    @Override
    public void after(Duration delay, Runnable next) {
        channel.eventLoop()
                .schedule(
                        () -> {
                            if (!ended) {
                                next.run();
                            }
                        },
                        delay.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    /** A peer that vanished is what tests do; anything else is worth a look. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atLevel(cause instanceof IOException ? Level.DEBUG : Level.WARN)
                .setCause(cause)
                .addKeyValue("connection", connection)
                .log("an exchanger's connection broke");
        ctx.close();
    }
}
