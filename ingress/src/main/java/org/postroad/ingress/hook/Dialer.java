package org.postroad.ingress.hook;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Opens connections to hooks from one event loop, and is confined to it. */
final class Dialer {
    /** The machine's own look-up of names waits, for many seconds if need be: nothing else may wait for it. */
    private static final EventExecutor NAMES =
            new DefaultEventExecutor(new DefaultThreadFactory("postroad-hook-names", true));

    private final EventLoop loop;
    private final boolean epoll;

    /** Hears what became of a connection, in a task of its own. */
    interface Dialed {
        void opened(Channel channel);

        void failed(String why);
    }

    Dialer(EventLoop loop) {
        this.loop = loop;
        this.epoll = loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
    }

    EventLoop loop() {
        return loop;
    }

    void dial(HookAddress to, Duration timeout, ChannelInitializer<Channel> pipeline, Dialed then) {
        if (to.isUnix()) {
            if (epoll) {
                connect(new DomainSocketAddress(to.path()), timeout, pipeline, then);
            } else {
                loop.execute(() -> then.failed("sockets of the file system need epoll, which this machine has not"));
            }
        } else if (NetUtil.isValidIpV4Address(to.host()) || NetUtil.isValidIpV6Address(to.host())) {
            byte[] octets = NetUtil.createByteArrayFromIpAddressString(to.host());
            connect(address(to.host(), octets, to.port()), timeout, pipeline, then);
        } else {
            Future<InetAddress> found = NAMES.submit(() -> InetAddress.getByName(to.host()));
            found.addListener(done -> loop.execute(() -> {
                if (found.isSuccess()) {
                    connect(new InetSocketAddress(found.getNow(), to.port()), timeout, pipeline, then);
                } else {
                    then.failed("no address of " + to.host());
                }
            }));
        }
    }

    private static InetSocketAddress address(String host, byte @Nullable [] octets, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(octets), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(host, e);
        }
    }

    private void connect(SocketAddress to, Duration timeout, ChannelInitializer<Channel> pipeline, Dialed then) {
        boolean unix = to instanceof DomainSocketAddress;
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(
                        unix
                                ? EpollDomainSocketChannel.class
                                : epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
                .handler(pipeline);
        if (!unix) {
            bootstrap.option(ChannelOption.TCP_NODELAY, true);
        }
        ChannelFuture opening = bootstrap.connect(to);
        opening.addListener(done -> loop.execute(() -> {
            if (opening.isSuccess()) {
                then.opened(opening.channel());
            } else {
                then.failed(String.valueOf(opening.cause().getMessage()));
            }
        }));
    }
}
