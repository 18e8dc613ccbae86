package org.postroad.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * A TCP proxy on loopback that holds back whatever the server answers, and passes on at once what clients ask: a slow Kafka, when the
 * broker advertises the proxy's port.
 *
 * <p>One event loop owns everything in it; answers of one connection keep their order when the delay changes.
 */
public final class DelayingProxy implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = loops.next();
    private final int port;
    private int serverPort;
    private long delayNanos;

    private DelayingProxy() throws IOException {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel client) {
                        connect(client);
                    }
                })
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close();
            throw new IOException("the proxy cannot listen", bound.cause());
        }
        port = ((InetSocketAddress) bound.channel().localAddress()).getPort();
    }

    /** On a free port, without delay; whoever connects before {@link #leadTo} is turned away. */
    public static DelayingProxy start() throws IOException {
        return new DelayingProxy();
    }

    public int port() {
        return port;
    }

    /** Connections from now on lead to this port on loopback. */
    public void leadTo(int port) {
        loop.submit(() -> serverPort = port).syncUninterruptibly();
    }

    /** How long answers are held back that come from now on. */
    public void delay(Duration delay) {
        loop.submit(() -> delayNanos = delay.toNanos()).syncUninterruptibly();
    }

    private void connect(SocketChannel client) {
        new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new Answers(client))
                .connect("127.0.0.1", serverPort)
                .addListener((ChannelFuture connected) -> {
                    if (connected.isSuccess()) {
                        client.pipeline().addLast(new Questions(connected.channel()));
                        client.config().setAutoRead(true);
                    } else {
                        client.close();
                    }
                });
    }

    /** What a client says goes on at once. */
    private static final class Questions extends ChannelInboundHandlerAdapter {
        private final Channel server;

        Questions(Channel server) {
            this.server = server;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object octets) {
            server.writeAndFlush(octets);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            server.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    /** What the server says is held back. */
    private final class Answers extends ChannelInboundHandlerAdapter {
        private final Channel client;
        private final Deque<Runnable> held = new ArrayDeque<>();

        Answers(Channel client) {
            this.client = client;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object octets) {
            later(() -> client.writeAndFlush(octets));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            later(client::close);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }

        /** Whichever time is up, the oldest goes first. */
        private void later(Runnable what) {
            held.add(what);
            loop.schedule(() -> held.remove().run(), delayNanos, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
