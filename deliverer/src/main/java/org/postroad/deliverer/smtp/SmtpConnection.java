package org.postroad.deliverer.smtp;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to one address of an exchanger: octets in and out, the time each step may take, and the moves of its {@link Dialog}.
 *
 * <p>Confined to its loop. There is no timer for a step: the owner's tick asks {@link #tick} whether time is up.
 */
public final class SmtpConnection extends ChannelInboundHandlerAdapter implements Move.Cases, ContentFlow.Course {
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
        /** It has nothing to do any more. */
        void idle(SmtpConnection connection);

        /** It is gone, whether it had been opened or not. */
        void closed(SmtpConnection connection);
    }

    private final Endpoint endpoint;
    private final SmtpClient client;
    private final StepTime time;
    private final ReplyDecoder decoder = new ReplyDecoder();
    private final Unread unread = new Unread();
    private final Dialog dialog;
    private Owner owner;
    /** Until it was told: a connection outlives the mail it was opened for. */
    private @Nullable Opener opener;

    private @Nullable Channel channel;
    private boolean unwritable;
    private boolean useful;

    public SmtpConnection(Endpoint endpoint, SmtpClient client, Owner owner, Opener opener) {
        this.endpoint = endpoint;
        this.client = client;
        this.time = new StepTime(client.ticker(), client.measures());
        this.dialog = new Dialog(
                endpoint.tls(), client.ehlo(), octets -> channel().alloc().ioBuffer(octets));
        this.owner = owner;
        this.opener = opener;
    }

    /** Connects; the bootstrap knows the loop and where connections come from. */
    public void open(Bootstrap bootstrap) {
        EventLoop loop = (EventLoop) bootstrap.config().group();
        bootstrap.handler(this).connect(endpoint.address()).addListener((ChannelFuture connect) -> {
            if (!connect.isSuccess()) {
                loop.execute(() -> onBreak(
                        Breakdown.unreachable(connect.cause()))); // Netty tells elsewhere that it could make no channel
            }
        });
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    public Capabilities offered() {
        return dialog.offered();
    }

    public boolean isEncrypted() {
        return dialog.isEncrypted();
    }

    public boolean isIdle() {
        return dialog.isIdle();
    }

    /** Whether it got past EHLO, closed meanwhile or not. */
    public boolean wasReady() {
        return dialog.state() instanceof DialogState.Over over ? over.wasOpen() : !dialog.isOpening();
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

    /** Another has it from now on; it is idle. */
    public void passTo(Owner next) {
        assert isIdle();
        owner = next;
    }

    /** Whose it is: while a transaction is answered, whose that is. */
    public boolean isOf(Owner who) {
        return owner == who;
    }

    public boolean isClosed() {
        return dialog.isOver();
    }

    /** Messages it has carried, the one it carries included. */
    public int carried() {
        return dialog.carried();
    }

    /** Sends this one; only where it is idle. */
    public void begin(Transaction transaction) {
        transaction.read(new ContentFlow(channel(), transaction.content(), this));
        dialog.begin(transaction).tell(this);
    }

    /**
     * Sends the final dot of the current one, of which the permission was taken.
     *
     * @param following a message whose commands go in the same flight, if the exchanger offers PIPELINING; null for none
     */
    public void dot(@Nullable Transaction following) {
        if (following != null) {
            following.read(new ContentFlow(channel(), following.content(), this));
        }
        dialog.dot(following).tell(this);
    }

    /** The final dot has to wait; it is asked for at each tick. */
    public void withhold() {
        dialog.withhold().tell(this);
    }

    /** Says QUIT and is not used any more; it ends when the exchanger has closed it (RFC 5321 section 4.1.1.10), or took too long. */
    public void quit() {
        if (isClosed()) {
            return;
        }
        var unused = dialog.over();
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
        onBreak(Breakdown.of(Breakdown.Kind.WITHHELD, step(), reason));
    }

    /** Ends what took too long, and asks for the dot that had to wait. */
    public void tick(long nowNanos) {
        if (isClosed() || isIdle()) {
            return;
        }
        try {
            askForDot();
            Step step = step();
            if (unwritable && time.isOver(LAST_WORDS_NANOS, nowNanos)) {
                lost();
            } else if (time.isOver(step.limitNanos(), nowNanos)) {
                Breakdown.Kind kind = dialog.isOpening() ? step.silence() : dialog.delay();
                onBreak(Breakdown.of(kind, step, "timed out while " + step.words()));
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
        time.replied(Step.CONNECT);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = unread.with(context, (ByteBuf) message);
        try {
            while (!isClosed()) {
                Reply reply = decoder.decode(in);
                if (reply == null) {
                    break;
                }
                time.replied(step());
                dialog.replied(reply, in.isReadable()).tell(this);
            }
        } catch (MalformedReplyException e) {
            onBreak(Breakdown.of(Breakdown.Kind.GARBAGE, step(), String.valueOf(e.getMessage())));
        } catch (Throwable bug) {
            fault(bug);
        } finally {
            unread.keep(in, isClosed());
        }
    }

    @Override
    public void onSend(ByteBuf flight) {
        channel().writeAndFlush(flight, channel().voidPromise());
        time.restart();
    }

    @Override
    public void onPlain(Move.Plain move) {
        switch (move) {
            case WAIT -> {}
            case START_TLS ->
                channel().pipeline().addFirst(client.tls().handler(channel().alloc(), endpoint));
            case OPENED -> told().opened(this);
            case SEND_CONTENT -> dialog.requireCurrent().sendContent();
            case CLOSE -> close();
        }
    }

    /** The connection is the next one's before anything of the one that ended can go wrong. */
    @Override
    public void onEnded(Transaction ended) {
        ended.forgetContent();
        Transaction next = dialog.current();
        if (next != null) {
            owner = next.sender().owner();
            next.sender().promoted(this);
        }
        ended.sender().ended(this, ended);
        if (isIdle()) {
            owner.idle(this);
        }
    }

    /** Ends it, and what is on it. */
    @Override
    public void onBreak(Breakdown why) {
        if (isClosed()) {
            return;
        }
        if (why.isTheirs() && why.reply() == null) {
            time.failed(why.step()); // a reply was measured when it came
        }
        DialogState before = close();
        if (before instanceof DialogState.Opening) {
            told().notOpened(this, why);
            return;
        }
        dialog.broken(before, why);
        end(before.current());
        end(before.following());
    }

    private void end(@Nullable Transaction broken) {
        if (broken != null) {
            broken.forgetContent();
            broken.sender().ended(this, broken);
        }
    }

    @Override
    public void contentProgressed() {
        time.restart();
    }

    @Override
    public void contentEnded(ByteBuf flight) {
        try {
            dialog.dotDue(flight);
            askForDot();
        } catch (Throwable bug) {
            fault(bug);
        }
    }

    private void askForDot() {
        if (dialog.state() instanceof DialogState.DotDue due) {
            due.current().sender().dotDue(this);
        }
    }

    @Override
    public void contentFailed(Breakdown why) {
        onBreak(why);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                time.replied(Step.HANDSHAKE);
                dialog.handshaken().tell(this);
            } else {
                String detail = "TLS failed: " + handshake.cause().getMessage();
                onBreak(Breakdown.of(Breakdown.Kind.NO_TLS, Step.HANDSHAKE, detail));
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (isIdle()) {
            close();
        } else {
            lost();
        }
    }

    private void lost() {
        Step step = step();
        // Only a handshake that failed says that TLS cannot be had: what is lost after it would be lost in clear too.
        Breakdown.Kind kind = step == Step.HANDSHAKE ? Breakdown.Kind.NO_TLS : Breakdown.Kind.LOST;
        onBreak(Breakdown.of(kind, step, "lost connection while " + step.words() + unread.words()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            unwritable = true; // its reply may still be on the way; the end of input, or the tick, comes soon
            time.restart();
        } else if (cause instanceof DecoderException) {
            Breakdown.Kind kind = isEncrypted() ? Breakdown.Kind.LOST : Breakdown.Kind.NO_TLS;
            onBreak(Breakdown.of(kind, step(), "TLS failed: " + cause.getMessage()));
        } else {
            fault(cause);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        unread.release();
    }

    /** An exception nobody foresaw; the mail on it is not to blame, and not lost. */
    private void fault(Throwable bug) {
        LOG.atError().setCause(bug).addKeyValue("exchanger", endpoint.label()).log("unforeseen exception");
        onBreak(Breakdown.of(Breakdown.Kind.FAULT, step(), "unforeseen: " + bug));
    }

    private Step step() {
        Step step = dialog.step();
        boolean connecting = channel == null || !channel.isActive() && step == Step.BANNER;
        return dialog.isOpening() && connecting ? Step.CONNECT : step;
    }

    private Opener told() {
        Opener asked = opener;
        if (asked == null) {
            throw new IllegalStateException("told already");
        }
        opener = null;
        return asked;
    }

    /** Returns how far the dialog had come. */
    private DialogState close() {
        DialogState before = dialog.over();
        if (channel != null) {
            channel.close();
        }
        owner.closed(this);
        return before;
    }

    private Channel channel() {
        if (channel == null) {
            throw new IllegalStateException("not connected");
        }
        return channel;
    }
}
