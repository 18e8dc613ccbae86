package org.postroad.ingress.hook;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One message as a milter looks at it, over a connection of its own, which is made when the content has arrived, or enough of it to be
 * sent on: a client that says nothing costs the milter nothing. The client is not read from while the milter does not keep up. Confined
 * to its loop.
 */
final class MilterInquiry extends SimpleChannelInboundHandler<ByteBuf> implements Inquiry, Dialer.Dialed {
    /** Of one that says again and again that it is at work: its client waits for ten minutes at most (RFC 5321 section 4.5.3.2.6). */
    static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** A client that needs longer for what is sent on at once loses its connection to others who wait for one; as with memory. */
    static final long SLOW_CLIENT_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** What a milter has left to read the last word; then its connection is closed without. */
    private static final long QUIT_SECONDS = 1;

    private static final int LENGTH_OCTETS = Integer.BYTES;

    private final MilterHook hook;
    private final Duration timeout;
    private final EventLoop loop;
    private final Inspection.Memory memory;
    private final Runnable goOn;
    private final MilterDialog dialog;
    private @Nullable Channel channel;
    private @Nullable Consumer<Outcome> then;
    private @Nullable Future<?> look;
    private long waitsSince;

    /** When the milter was asked what it has not answered yet; everything, once the content is complete. */
    private long askedAt;

    private boolean wantsConnection;
    private boolean dialled;
    private boolean arrived;
    private boolean concluded;
    private boolean wasBusy;
    private boolean over;
    private int counted;

    MilterInquiry(
            MilterHook hook,
            AskedMail mail,
            Duration timeout,
            EventLoop loop,
            Inspection.Memory memory,
            Runnable goOn) {
        this.hook = hook;
        this.timeout = timeout;
        this.loop = loop;
        this.memory = memory;
        this.goOn = goOn;
        this.dialog = new MilterDialog(mail);
    }

    static ChannelInitializer<Channel> pipeline(MilterInquiry inquiry) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline()
                        .addLast(new LengthFieldBasedFrameDecoder(
                                MilterPacket.MOST_OCTETS, 0, LENGTH_OCTETS, 0, LENGTH_OCTETS))
                        .addLast(inquiry);
            }
        };
    }

    @Override
    public void onHeader(HeaderFields header) {
        dialog.onHeader(header);
        send();
    }

    @Override
    public void onText(byte[] octets, int from, int to) {
        dialog.onText(octets, from, to);
        if (dialog.hasChunk()) {
            connect();
        }
        send();
    }

    private void connect() {
        if (!wantsConnection && channel == null) {
            wantsConnection = true;
            waits();
            hook.connect(this);
        }
    }

    @Override
    public void onArrived() {
        arrived = true;
        hook.arrived(this);
    }

    boolean hasArrived() {
        return arrived;
    }

    /** A connection is being made. */
    void onDial() {
        dialled = true;
        askedNow();
        waits();
    }

    @Override
    public boolean isBusy() {
        wasBusy = early() == null && dialog.waitingOctets() >= MilterDialog.MOST_WAITING_OCTETS;
        return wasBusy;
    }

    @Override
    public @Nullable Outcome early() {
        return dialog.outcome();
    }

    @Override
    public void conclude(HeaderFields header, long size, Consumer<Outcome> listener) {
        then = listener;
        concluded = true;
        askedAt = now();
        dialog.onEnd();
        waits();
        connect();
        send();
        tell();
    }

    @Override
    public void abandon() {
        if (!over) {
            over = true;
            then = null;
            hook.forget(this);
            dialog.fail("abandoned");
            count();
            stopLooking();
            quit();
        }
    }

    @Override
    public void opened(Channel its) {
        channel = its;
        its.closeFuture().addListener(closed -> hook.closed(this));
        if (over || dialog.outcome() != null) {
            var unused = its.close();
        } else {
            waits();
            send();
        }
    }

    @Override
    public void failed(String why) {
        fail("no connection: " + why);
        hook.closed(this);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame) {
        if (over || dialog.outcome() != null) {
            return;
        }
        if (!frame.isReadable()) {
            fail("an empty packet");
            return;
        }
        char code = (char) frame.readUnsignedByte();
        byte[] octets = new byte[frame.readableBytes()];
        frame.readBytes(octets);
        waits();
        dialog.hear(new MilterPacket(code, octets));
        send();
        tell();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        waits();
        send();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail("it hung up");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(String.valueOf(cause.getMessage()));
    }

    private void fail(String why) {
        dialog.fail(why);
        hook.forget(this);
        tell();
    }

    private void send() {
        Channel to = channel;
        boolean sent = false;
        while (to != null && to.isActive() && to.isWritable()) {
            MilterPacket packet = dialog.next();
            if (packet == null) {
                break;
            }
            ByteBuf octets = to.alloc().buffer(LENGTH_OCTETS + 1 + packet.octets().length);
            octets.writeInt(1 + packet.octets().length).writeByte(packet.code()).writeBytes(packet.octets());
            var unused = to.write(octets);
            sent = true;
        }
        if (sent && to != null) {
            askedNow();
            waits();
            to.flush();
        }
        count();
        if (wasBusy && !isBusy()) {
            loop.execute(goOn);
        }
    }

    /** Tells of the outcome, if there is one. */
    private void tell() {
        Outcome outcome = dialog.outcome();
        if (outcome == null || over) {
            return;
        }
        count();
        stopLooking();
        if (outcome.answer() != null) {
            quit();
        } else if (channel != null) {
            var unused = channel.close();
        }
        Consumer<Outcome> listener = then;
        if (listener != null) {
            then = null;
            loop.execute(() -> {
                if (!over) {
                    listener.accept(outcome);
                }
            });
        } else if (!concluded) {
            loop.execute(goOn);
        }
    }

    private void count() {
        int waiting = dialog.waitingOctets();
        if (waiting > counted) {
            memory.take(waiting - counted);
        } else if (waiting < counted) {
            memory.give(counted - waiting);
        }
        counted = waiting;
    }

    /** Closes the connection, with a last word if the milter reads it. */
    private void quit() {
        Channel its = channel;
        channel = null;
        if (its != null && its.isActive()) {
            ByteBuf quit = its.alloc().buffer(LENGTH_OCTETS + 1).writeInt(1).writeByte('Q');
            ChannelFuture said = its.writeAndFlush(quit).addListener(ChannelFutureListener.CLOSE);
            if (!said.isDone()) {
                var unused = loop.schedule(() -> its.close(), QUIT_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    /** Something has happened: whoever is waited for has a time limit from now on. */
    private void waits() {
        waitsSince = now();
        if (look == null && !over) {
            lookIn(timeout.toNanos());
        }
    }

    private void askedNow() {
        askedAt = concluded ? askedAt : now();
    }

    private void lookIn(long nanos) {
        long soon = Math.min(timeout.toNanos(), SLOW_CLIENT_NANOS); // for whom is waited changes meanwhile
        look = loop.schedule(this::look, Math.min(nanos, soon), TimeUnit.NANOSECONDS);
    }

    private void look() {
        look = null;
        if (over || dialog.outcome() != null) {
            return;
        }
        long now = now();
        long left;
        if (waitsForMilter()) {
            left = timeout.toNanos() - (now - waitsSince);
            if (left <= 0 || now - askedAt > MOST_NANOS) {
                fail("no answer within " + timeout.toMillis() + " ms");
                return;
            }
        } else {
            left = patienceWithClients() - (now - waitsSince);
            if (left <= 0) {
                dialog.defer();
                hook.forget(this);
                tell();
                return;
            }
        }
        lookIn(left);
    }

    private boolean waitsForMilter() {
        boolean connects = dialled && channel == null;
        return concluded || connects || channel != null && (dialog.awaitsAnswer() || !channel.isWritable());
    }

    /** Its own, which has a connection and sends too little, or those who have all of them while it waits for one. */
    private long patienceWithClients() {
        if (arrived) {
            return Long.MAX_VALUE;
        }
        if (!dialled) {
            return MOST_NANOS;
        }
        return hook.isCrowded() ? SLOW_CLIENT_NANOS : Long.MAX_VALUE;
    }

    private void stopLooking() {
        if (look != null) {
            look.cancel(false);
            look = null;
        }
    }

    private long now() {
        return loop.ticker().nanoTime();
    }
}
