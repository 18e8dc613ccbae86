package org.postroad.deliverer.smtp;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to one address of an exchanger: octets in and out, and the time each step may take. What replies mean
 * is {@link Greeting}'s until it is open and {@link TransactionFlow}'s from then on.
 *
 * <p>Confined to its loop. There is no timer for a step: the owner's tick asks {@link #tick} whether time is up.
 */
public final class SmtpConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpConnection.class);

    /** How long an exchanger that stopped reading may take to have said why. */
    private static final long LAST_WORDS_NANOS = Duration.ofSeconds(1).toNanos();

    /** Who asked for the connection, and hears once whether it can be had. */
    public interface Opener {
        void opened(SmtpConnection connection);

        void notOpened(SmtpConnection connection, Breakdown why);
    }

    /** Who keeps it. */
    public interface Owner {
        /** Takes the permission for one final dot, which is then sent; false when it has to wait. */
        boolean permitsDot();

        /** The transaction to ride with the dot that is about to be sent, if any. */
        @Nullable
        Transaction rider(SmtpConnection connection);

        /** It has nothing to do any more. */
        void idle(SmtpConnection connection);

        /** It is gone, whether it had been opened or not. */
        void closed(SmtpConnection connection);

        /** A step was done so long after it began: a reply came, the connection or TLS was there. */
        void replied(Step step, long nanos);

        /** A step that the other side or the network ended after so long, without a reply to it. */
        void failed(Step step, long nanos);
    }

    private final Endpoint endpoint;
    private final String ehlo;
    private final TlsUpgrade tls;
    private final Ticker ticker;
    private Owner owner;
    /** Until it was told: a connection outlives the mail it was opened for. */
    private @Nullable Opener opener;

    private final ReplyDecoder decoder = new ReplyDecoder();
    private final Greeting greeting;
    private final TransactionFlow flow = new TransactionFlow(this);
    private @Nullable Channel channel;
    private final Unread unread = new Unread();
    private boolean open;
    private boolean closed;
    private boolean unwritable;
    private boolean useful;
    private long sinceNanos;

    public SmtpConnection(Endpoint endpoint, String ehlo, TlsUpgrade tls, Ticker ticker, Owner owner, Opener opener) {
        this.endpoint = endpoint;
        this.ehlo = ehlo;
        this.tls = tls;
        this.ticker = ticker;
        this.owner = owner;
        this.opener = opener;
        this.greeting = new Greeting(endpoint.tls());
        this.sinceNanos = ticker.nanoTime();
    }

    /** Connects; the bootstrap knows the loop and where connections come from. */
    public void open(Bootstrap bootstrap) {
        EventLoop loop = (EventLoop) bootstrap.config().group();
        bootstrap.handler(this).connect(endpoint.address()).addListener((ChannelFuture connect) -> {
            if (!connect.isSuccess()) {
                loop.execute(() -> breakDown(
                        Breakdown.unreachable(connect.cause()))); // Netty tells elsewhere that it could make no channel
            }
        });
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    public Capabilities offered() {
        return greeting.offered();
    }

    public boolean isEncrypted() {
        return greeting.isEncrypted();
    }

    public boolean isIdle() {
        return open && !closed && flow.isIdle();
    }

    /** Whether it got past EHLO, closed meanwhile or not. */
    public boolean wasReady() {
        return open;
    }

    /** A mail was taken on it; true for the first. */
    public boolean tookMail() {
        boolean first = !useful;
        useful = true;
        return first;
    }

    public boolean isUseful() {
        return useful;
    }

    /** Another has it from now on, and with it whatever is on it. */
    public void passTo(Owner next) {
        assert open && !closed;
        owner = next;
    }

    public boolean isClosed() {
        return closed;
    }

    /** Messages it has carried, the one it carries included. */
    public int carried() {
        return flow.carried();
    }

    /** What is being answered, or null. */
    public @Nullable Transaction current() {
        return flow.current();
    }

    public void begin(Transaction transaction) {
        assert isIdle();
        flow.begin(transaction);
    }

    /** Says QUIT and is not used any more; it ends when the exchanger has closed it (RFC 5321 section 4.1.1.10), or took too long. */
    public void quit() {
        if (closed) {
            return;
        }
        closed = true;
        Farewell.say(channel());
        owner.closed(this);
    }

    /** Runs when nothing is left of it that the exchanger could count, maybe at once. */
    public void whenEnded(Runnable then) {
        if (channel == null) {
            then.run();
        } else {
            channel.closeFuture().addListener(ended -> then.run());
        }
    }

    /** Closes it although something is on it, which ends with this reason. */
    public void abort(String reason) {
        breakDown(Breakdown.of(Breakdown.Kind.WITHHELD, step(), reason));
    }

    /** Ends what took too long, and sends the dot that had to wait. */
    public void tick(long nowNanos) {
        if (closed || open && flow.isIdle()) {
            return;
        }
        try {
            flow.tick();
            Step step = step();
            if (unwritable && nowNanos - sinceNanos > LAST_WORDS_NANOS) {
                lost();
            } else if (nowNanos - sinceNanos > step.limitNanos()) {
                breakDown(Breakdown.of(open ? flow.delay() : step.silence(), step, "timed out while " + step.words()));
            }
        } catch (Throwable bug) {
            fault(bug);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        owner.replied(Step.CONNECT, ticker.nanoTime() - sinceNanos);
        restartTime();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = unread.with(context, (ByteBuf) message);
        try {
            while (!closed) {
                Reply reply = decoder.decode(in);
                if (reply == null) {
                    break;
                }
                replied(reply, in.isReadable());
            }
        } catch (MalformedReplyException e) {
            breakDown(Breakdown.of(Breakdown.Kind.GARBAGE, step(), String.valueOf(e.getMessage())));
        } catch (Throwable bug) {
            fault(bug);
        } finally {
            unread.keep(in, closed);
        }
    }

    private void replied(Reply reply, boolean surplus) throws MalformedReplyException {
        long now = ticker.nanoTime();
        owner.replied(step(), now - sinceNanos);
        sinceNanos = now;
        if (open) {
            flow.replied(reply, surplus);
        } else {
            move(greeting.replied(reply, surplus));
        }
    }

    private void move(Greeting.Move move) {
        switch (move) {
            case EHLO, HELO, STARTTLS -> {
                ByteBuf flight = allocate(512);
                if (move == Greeting.Move.STARTTLS) {
                    Commands.startTls(flight);
                } else {
                    Commands.greet(flight, greeting.step(), ehlo);
                }
                send(flight);
            }
            case HANDSHAKE -> {
                SslHandler handler = tls.handler(channel().alloc(), endpoint);
                channel().pipeline().addFirst(handler);
            }
            case READY -> {
                open = true;
                told().opened(this);
            }
            case BREAK -> breakDown(greeting.breakdown());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                owner.replied(Step.HANDSHAKE, ticker.nanoTime() - sinceNanos);
                restartTime();
                move(greeting.handshaken());
            } else {
                String detail = "TLS failed: " + handshake.cause().getMessage();
                breakDown(Breakdown.of(Breakdown.Kind.NO_TLS, Step.HANDSHAKE, detail));
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (open && flow.isIdle()) {
            close();
        } else {
            lost();
        }
    }

    private void lost() {
        Step step = step();
        // Only a handshake that failed says that TLS cannot be had: what is lost after it would be lost in clear too.
        Breakdown.Kind kind = step == Step.HANDSHAKE ? Breakdown.Kind.NO_TLS : Breakdown.Kind.LOST;
        breakDown(Breakdown.of(kind, step, "lost connection while " + step.words() + unread.words()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            unwritable = true; // its reply may still be on the way; the end of input, or the tick, comes soon
            restartTime();
        } else if (cause instanceof DecoderException) {
            breakDown(Breakdown.of(
                    greeting.isEncrypted() ? Breakdown.Kind.LOST : Breakdown.Kind.NO_TLS,
                    step(),
                    "TLS failed: " + cause.getMessage()));
        } else {
            fault(cause);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        unread.release();
    }

    /** An exception nobody foresaw; the mail on it is not to blame, and not lost. */
    void fault(Throwable bug) {
        LOG.atError().setCause(bug).addKeyValue("exchanger", endpoint.label()).log("unforeseen exception");
        breakDown(Breakdown.of(Breakdown.Kind.FAULT, step(), "unforeseen: " + bug));
    }

    Step step() {
        if (open) {
            return flow.step();
        }
        return channel == null || !channel.isActive() && greeting.step() == Step.BANNER
                ? Step.CONNECT
                : greeting.step();
    }

    /** Ends it, and what is on it, for this reason. */
    void breakDown(Breakdown why) {
        if (closed) {
            return;
        }
        if (why.isTheirs() && why.reply() == null) {
            owner.failed(why.step(), ticker.nanoTime() - sinceNanos); // a reply was measured when it came
        }
        close();
        if (open) {
            flow.broken(why);
        } else {
            told().notOpened(this, why);
        }
    }

    private Opener told() {
        Opener asked = opener;
        if (asked == null) {
            throw new IllegalStateException("told already");
        }
        opener = null;
        return asked;
    }

    void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (channel != null) {
            channel.close();
        }
        owner.closed(this);
    }

    Owner owner() {
        return owner;
    }

    Channel channel() {
        if (channel == null) {
            throw new IllegalStateException("not connected");
        }
        return channel;
    }

    ByteBuf allocate(int octets) {
        return channel().alloc().ioBuffer(octets);
    }

    void send(ByteBuf flight) {
        channel().writeAndFlush(flight, channel().voidPromise());
        restartTime();
    }

    void restartTime() {
        sinceNanos = ticker.nanoTime();
    }

    void becameIdle() {
        if (!closed) {
            owner.idle(this);
        }
    }
}
