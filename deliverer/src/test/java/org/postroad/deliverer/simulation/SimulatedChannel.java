package org.postroad.deliverer.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.VirtualLoop;

/** A node's end of a connection to a simulated exchanger, where a socket would be. */
final class SimulatedChannel extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    /** The other end, and the way there. */
    interface Wire {
        /** Octets leave this node now. */
        void said(String text);

        /** This node has closed it. */
        void closed();
    }

    /** Where connections go. */
    interface Network {
        /** Somebody connects; {@link #connected} or {@link #refused} may follow, later. */
        Wire connect(SimulatedChannel channel, InetSocketAddress to);
    }

    private final Network network;
    private final ChannelConfig config = new DefaultChannelConfig(this);
    private @Nullable Wire wire;
    private @Nullable SocketAddress remote;
    private boolean open = true;
    private boolean connected;
    private @Nullable ChannelPromise connecting;
    private long lastHeardAt;

    SimulatedChannel(Network network) {
        super(null);
        this.network = network;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress to, SocketAddress from, ChannelPromise promise) {
                if (promise.setUncancellable() && ensureOpen(promise)) {
                    connecting = promise;
                    remote = to;
                    wire = network.connect(SimulatedChannel.this, (InetSocketAddress) to);
                }
            }
        };
    }

    /** The other side accepts, in so many nanoseconds. */
    void connected(long inNanos) {
        later(inNanos, () -> {
            ChannelPromise promise = connecting;
            if (open && promise != null) {
                connected = true;
                promise.trySuccess();
                pipeline().fireChannelActive();
            }
        });
    }

    void refused(long inNanos) {
        later(inNanos, () -> {
            ChannelPromise promise = connecting;
            if (promise != null && promise.tryFailure(new ConnectException("Connection refused: " + remote))) {
                unsafe().close(unsafe().voidPromise());
            }
        });
    }

    /** Octets that arrive in so many nanoseconds, never before those said earlier; whether they were heard is told then. */
    void hears(String text, long inNanos, Runnable heard) {
        later(inNanos, () -> {
            if (open) {
                heard.run();
                pipeline().fireChannelRead(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
                pipeline().fireChannelReadComplete();
            }
        });
    }

    /** The other side closes. */
    void hearsTheEnd(long inNanos) {
        later(inNanos, () -> unsafe().close(unsafe().voidPromise()));
    }

    private void later(long inNanos, Runnable what) {
        long now = eventLoop().ticker().nanoTime();
        lastHeardAt = Math.max(lastHeardAt, now + inNanos);
        eventLoop().schedule(what, lastHeardAt - now, TimeUnit.NANOSECONDS);
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer flights) {
        Wire to = wire;
        for (Object flight = flights.current(); flight != null; flight = flights.current()) {
            if (to != null) {
                to.said(((ByteBuf) flight).toString(StandardCharsets.US_ASCII));
            }
            flights.remove();
        }
    }

    @Override
    protected void doClose() {
        boolean was = open;
        open = false;
        connected = false;
        if (was && wire != null) {
            wire.closed();
        }
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop instanceof VirtualLoop;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remote;
    }

    @Override
    protected void doBind(SocketAddress to) {}

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doBeginRead() {}

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return connected;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }
}
