package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postroad.ingress.IngressConfig.Tls;
import org.postroad.schemas.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: cuts what comes into commands and content for the {@link SmtpSession}, and makes the session's moves.
 *
 * <p>Netty's own line decoder is not used: it takes a lone LF for a line end, and a server that does can be made to see
 * two messages where its peer saw one. Replies wait until the input is used up, or there are many, so that a
 * pipelining client gets them in one segment (RFC 2920 section 3.2). When the session takes no input, or the client reads
 * no replies, nothing more is read from the socket. Confined to its channel's event loop.
 */
final class SessionHandler extends ChannelInboundHandlerAdapter implements Progress, Move.Cases {
    private static final Logger LOG = LoggerFactory.getLogger(SessionHandler.class);

    /** Enough for the replies of a transaction in one segment; a client that reads none of them is heard no further. */
    private static final int REPLIES_AT_ONCE = 32;

    private final Channel channel;
    private final SessionParts parts;
    private final Admission client;
    private final SmtpSession session;
    private final SessionLog log;
    private final ReplyWriter replies;
    private final ListenerLimits limits;
    private final LineBuffer line;
    private final Patience patience;
    private Taking taking = Taking.COMMANDS;
    private @Nullable IncomingContent content;
    private long toSkip;
    private long skipped;
    private final UnreadInput input;
    private boolean inputEnded;

    /** A handshake has to come first: whatever is said meanwhile would go in clear. */
    private boolean securing;

    private @Nullable Future<?> look;
    private boolean faulted;

    SessionHandler(Channel channel, Admission client, SessionParts parts) {
        this.channel = channel;
        this.parts = parts;
        this.client = client;
        this.session = parts.session(client, this);
        this.log = new SessionLog(parts.protocolLog(), channel.id().asShortText(), session::client);
        this.replies = new ReplyWriter(channel);
        this.input = new UnreadInput(channel.alloc());
        this.limits = client.listener().limits();
        this.line = new LineBuffer(limits.commandLine());
        this.patience = new Patience(now(), limits);
        this.securing = client.listener().tls() == Tls.IMPLICIT;
        channel.config().setRecvByteBufAllocator(new ReceiveBuffers(() -> taking == Taking.CONTENT));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        log.note(() -> "connected");
        Reply refusal = Replies.of(parts.sessions().enter(this, client));
        if (refusal != null) {
            session.end(refusal);
        } else if (!securing) {
            session.open();
        }
        lookAgain();
        makeMoves();
        replies.send();
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        input.add((ByteBuf) message);
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
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            inputEnded = true;
            goOn();
        } else if (event instanceof SslHandshakeCompletionEvent handshake) {
            onHandshake(ctx, handshake);
        }
    }

    private void onHandshake(ChannelHandlerContext ctx, SslHandshakeCompletionEvent handshake) {
        if (!handshake.isSuccess()) {
            parts.metrics().handshakeFailed();
            log.note(() -> "no handshake: " + SessionLog.reason(handshake.cause()));
            LOG.atDebug().setCause(handshake.cause()).log("a client's handshake failed");
            var unused = ctx.close();
            return;
        }
        TlsFacts facts = parts.certificates()
                .factsOf(ctx.pipeline().get(SslHandler.class).engine().getSession(), client.listener());
        parts.metrics().handshake(facts.protocol());
        log.note(() -> facts.protocol() + " " + facts.cipher());
        securing = false;
        if (taking != Taking.OVER) {
            session.onTls(facts);
            if (client.listener().tls() == Tls.IMPLICIT) {
                session.open();
            }
        }
        goOn();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        log.note(() -> "closed");
        try {
            session.onGone();
        } finally {
            taking = Taking.OVER;
            parts.sessions().leave(this, client);
            input.release();
            if (look != null) {
                look.cancel(false); // or everything of a session that is gone would stay for minutes
            }
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // What is no TLS at all, or damaged, comes as a DecoderException around an SSLException, which is an
        // IOException.
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
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
        if (!faulted && taking != Taking.OVER) {
            faulted = true;
            try {
                session.onFault();
                makeMoves();
                input.release();
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
        guarded(session::onClosing);
        goOn();
    }

    boolean isSlowWithAMessage(long now, long silence) {
        return session.hasBegunAMessage() && patience.isSlow(now, silence);
    }

    long silentNanos(long now) {
        return patience.silentNanos(now);
    }

    /** Ends it, for the memory it holds. */
    void shed() {
        guarded(() -> session.end(Replies.TOO_SLOW));
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
        makeMoves();
        tellPatience();
        ByteBuf in = input.octets();
        while (in != null && in.isReadable() && takesInput() && channel.isWritable()) {
            if (taking == Taking.CONTENT) {
                onContent(in);
            } else if (taking == Taking.SKIPPED) {
                skip(in);
            } else if (line.take(in)) {
                onLine();
            } else if (line.isEndless()) {
                session.end(Replies.TOO_MANY_ERRORS); // it will most likely never end
            }
            makeMoves();
        }
        tellPatience();
        if (taking == Taking.OVER) {
            input.release();
        } else {
            input.releaseIfUsed();
        }
        boolean mayRead = input.isEmpty();
        if (channel.config().isAutoRead() != mayRead) {
            channel.config().setAutoRead(mayRead);
        }
        if (inputEnded && input.isEmpty() && !awaitsKafka()) {
            replies.endAfterLast();
        }
    }

    private void tellPatience() {
        boolean waiting = awaitsKafka();
        if (waiting != patience.isWaiting()) {
            patience.waiting(now(), waiting);
        }
    }

    /** Whether it is our turn: the client can do nothing but wait. */
    private boolean awaitsKafka() {
        return taking == Taking.NOTHING || content != null && !content.takesMore();
    }

    private boolean takesInput() {
        return taking != Taking.OVER && !awaitsKafka();
    }

    private void makeMoves() {
        Queue<Move> moves = session.moves();
        for (Move move = moves.poll(); move != null; move = moves.poll()) {
            move.tell(this);
        }
    }

    @Override
    public void onSay(Reply reply) {
        if (!securing) {
            log.said(reply);
            replies.say(reply);
        }
        if (replies.unsent() >= REPLIES_AT_ONCE) {
            replies.send(); // so that the channel knows of what is not read
        }
    }

    @Override
    public void onTakeContent(IncomingContent wanted) {
        taking = Taking.CONTENT;
        content = wanted;
    }

    @Override
    public void onSkip(long octets) {
        toSkip = octets;
        skipped = 0;
        if (octets > 0 && taking != Taking.OVER) {
            taking = Taking.SKIPPED;
        }
    }

    private void skip(ByteBuf in) {
        int now = (int) Math.min(in.readableBytes(), toSkip - skipped);
        in.skipBytes(now);
        skipped += now;
        patience.content(now(), skipped);
        if (skipped == toSkip) {
            taking = Taking.COMMANDS;
            patience.command(now(), false);
        }
    }

    @Override
    public void onStep(Move.Step step) {
        content = null;
        switch (step) {
            case TAKE_COMMANDS -> {
                taking = Taking.COMMANDS;
                line.limit(limits.commandLine());
            }
            case TAKE_AUTH_LINE -> {
                taking = Taking.AUTH_LINE;
                line.limit(LineBuffer.AUTH_OCTETS);
            }
            case WAIT -> taking = Taking.NOTHING;
            case START_TLS -> {
                taking = Taking.COMMANDS;
                replies.send();
                input.forget(); // a command that somebody slipped in before the handshake was never protected by it
                securing = true;
                channel.pipeline().addFirst(parts.certificates().newHandler(client.listener()));
            }
            case CLOSE -> {
                taking = Taking.OVER;
                replies.endAfterLast();
            }
        }
    }

    private void onContent(ByteBuf in) {
        IncomingContent wanted = content;
        if (wanted == null) {
            throw new IllegalStateException("content that nobody wants");
        }
        long before = wanted.seen();
        wanted.take(in);
        session.onContent(wanted.seen() - before);
        patience.content(now(), wanted.seen());
        if (!wanted.wantsMore()) {
            log.note(() -> "content, " + wanted.seen() + " octets so far");
            // For the next command there are five minutes, however slow the content was.
            patience.command(now(), session.isWithinContent());
        }
    }

    private void onLine() {
        boolean tooLong = line.isTooLong();
        if (taking == Taking.AUTH_LINE) {
            log.heardSecret(line.length());
            if (tooLong) {
                session.exchange().answeredTooLong();
            } else {
                session.exchange().answered(new String(line.octets(), 0, line.length(), US_ASCII));
            }
        } else {
            log.heard(line.octets(), line.length());
            session.onCommand(
                    tooLong
                            ? CommandParser.tooLong(line.octets(), line.length())
                            : parts.parser().parse(line.octets(), line.length()));
        }
        line.clear();
        patience.command(now(), session.isWithinContent());
    }

    /** Ends a session that has kept us waiting too long, or looks again when that may be. */
    private void lookAgain() {
        look = channel.eventLoop().schedule(() -> guarded(this::onLook), patience.lookIn(now()), TimeUnit.NANOSECONDS);
    }

    private void onLook() {
        if (!channel.isActive() || taking == Taking.OVER) {
            return;
        }
        if (!patience.hasEnded(now())) {
            lookAgain();
            return;
        }
        session.end(Replies.IDLE);
        goOn();
    }

    private long now() {
        return channel.eventLoop().ticker().nanoTime();
    }
}
