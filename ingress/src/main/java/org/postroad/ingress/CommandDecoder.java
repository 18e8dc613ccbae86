package org.postroad.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts what a client sends into commands and content for its {@link SmtpSession}, and has the session's replies sent.
 *
 * <p>Netty's own line decoder is not used: it takes a lone LF for a line end, and a server that does can be made to see
 * two messages where its peer saw one. Replies wait until the input is used up, or there are many, so that a
 * pipelining client gets them in one segment (RFC 2920 section 3.2). When the session takes no input, or the client reads
 * no replies, nothing more is read from the socket. Confined to its channel's event loop.
 */
final class CommandDecoder extends ChannelInboundHandlerAdapter implements Progress {
    private static final Logger LOG = LoggerFactory.getLogger(CommandDecoder.class);

    /** Enough for the replies of a transaction in one segment; a client that reads none of them is heard no further. */
    private static final int REPLIES_AT_ONCE = 32;

    private final Channel channel;
    private final CommandParser parser;
    private final Sessions<CommandDecoder> sessions;
    private final SmtpSession session;
    private final ReplyWriter replies;
    private final LineBuffer line = new LineBuffer();
    private final Patience patience;
    private @Nullable ByteBuf input;
    private boolean inputEnded;
    private @Nullable Future<?> look;
    private boolean faulted;

    /** @param session makes the session, given what it hears of what goes on by itself */
    CommandDecoder(
            Channel channel,
            CommandParser parser,
            Sessions<CommandDecoder> sessions,
            Function<Progress, SmtpSession> session) {
        this.channel = channel;
        this.parser = parser;
        this.sessions = sessions;
        this.session = session.apply(this);
        this.replies = new ReplyWriter(channel, this.session);
        this.patience = new Patience(now());
        channel.config().setRecvByteBufAllocator(new ReceiveBuffers(this.session::isReceiving));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        switch (sessions.admit(this, session.door())) {
            case ADMITTED -> session.open();
            case NODE_FULL -> session.turnAway(Replies.CROWDED);
            case NETWORK_FULL -> session.turnAway(Replies.NETWORK_CROWDED);
        }
        lookAgain();
        replies.send();
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf octets = (ByteBuf) message;
        input = input == null ? octets : joined(input, octets);
        process();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        replies.send();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        goOn();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            goOn();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        try {
            session.onGone();
        } finally {
            sessions.leave(this, session.door());
            releaseInput();
            if (look != null) {
                look.cancel(false); // or everything of a session that is gone would stay for minutes
            }
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.atDebug().setCause(cause).log("a client went away");
            var unused = ctx.close();
        } else {
            fault(cause);
        }
    }

    /** Says 451 and ends the session; closes it without a word where even that fails. */
    @Override
    public void fault(Throwable bug) {
        LOG.atError().setCause(bug).log("a session failed and is closed; its client will send again");
        if (!faulted && !session.isOver()) {
            faulted = true;
            try {
                session.onFault();
                releaseInput();
                replies.endAfterLast();
                return;
            } catch (Throwable again) {
                LOG.atError().setCause(again).log("a session that failed is closed without a word");
            }
        }
        var unused = channel.close();
    }

    /** Of tasks that no pipeline hears the exceptions of. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable bug) {
            fault(bug);
        }
    }

    /** The node closes. */
    void shutDown() {
        guarded(() -> {
            session.onClosing();
            replies.send();
        });
    }

    boolean isSlowWithAMessage(long now, long silence) {
        return session.hasBegunAMessage() && patience.isSlow(now, silence);
    }

    long silentNanos(long now) {
        return patience.silentNanos(now);
    }

    /** Ends it, for the memory it holds. */
    void shed() {
        guarded(session::onShed);
        goOn();
    }

    @Override
    public void goOn() {
        assert channel.eventLoop().inEventLoop();
        guarded(() -> {
            process();
            replies.send();
        });
    }

    private void process() {
        patience.waiting(now(), session.awaitsKafka());
        ByteBuf in = input;
        while (in != null && in.isReadable() && session.takesInput() && channel.isWritable()) {
            if (session.isReceiving()) {
                onContent(in);
            } else if (line.take(in)) {
                onLine();
                if (session.replies().size() >= REPLIES_AT_ONCE) {
                    replies.send(); // so that the channel knows of what is not read
                }
            } else if (line.isEndless()) {
                session.onEndlessLine();
            }
        }
        patience.waiting(now(), session.awaitsKafka());
        if (in != null && (!in.isReadable() || session.isOver())) {
            releaseInput();
        }
        boolean mayRead = input == null;
        if (channel.config().isAutoRead() != mayRead) {
            channel.config().setAutoRead(mayRead);
        }
        if (inputEnded && input == null && !session.awaitsKafka()) {
            replies.endAfterLast();
        }
    }

    private void onContent(ByteBuf in) {
        session.onContent(in);
        if (session.isReceiving()) {
            patience.content(now(), session.contentSeen());
        } else {
            patience.command(now()); // for the next command there are five minutes, however slow the content was
        }
    }

    private void onLine() {
        session.onCommand(
                line.isTooLong()
                        ? CommandParser.tooLong(line.octets(), line.length())
                        : parser.parse(line.octets(), line.length()));
        line.clear();
        patience.command(now());
    }

    /** Ends a session that has kept us waiting too long, or looks again when that may be. */
    private void lookAgain() {
        long left = patience.left(now());
        if (left > 0) {
            look = channel.eventLoop().schedule(() -> guarded(this::onLook), left, TimeUnit.NANOSECONDS);
        }
    }

    private void onLook() {
        if (!channel.isActive() || session.isOver()) {
            return;
        }
        if (patience.left(now()) > 0) {
            lookAgain();
            return;
        }
        session.onIdle();
        goOn();
    }

    /** Seldom needed: reading stops as soon as something is left over. */
    private ByteBuf joined(ByteBuf first, ByteBuf second) {
        ByteBuf both = channel.alloc().buffer(first.readableBytes() + second.readableBytes());
        both.writeBytes(first).writeBytes(second);
        first.release();
        second.release();
        return both;
    }

    private void releaseInput() {
        if (input != null) {
            input.release();
            input = null;
        }
    }

    private long now() {
        return channel.eventLoop().ticker().nanoTime();
    }
}
