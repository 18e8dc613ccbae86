package org.postroad.testkit;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postroad.broker.PortInUseException;

/** A mail exchanger on loopback that behaves as its script says, and keeps or counts what it takes. */
public final class ScriptedExchanger implements AutoCloseable {
    private static final int BACKLOG = 1_024;

    private volatile Script script;
    private volatile @Nullable SslContext tls;
    private final ExchangerLedger ledger;
    private final EventLoopGroup loops;
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final InetSocketAddress address;

    private ScriptedExchanger(Script script, InetSocketAddress wanted, boolean keeping, int threads)
            throws IOException {
        this.script = script;
        this.ledger = new ExchangerLedger(keeping);
        this.tls = script.offersStartTls() ? script.certificate().serverContext() : null;
        this.loops = new MultiThreadIoEventLoopGroup(threads, NioIoHandler.newFactory());
        try {
            this.address = (InetSocketAddress) listen(wanted).localAddress();
        } catch (IOException e) {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw e;
        }
    }

    /** On a free port, keeping all mails and dialogs: for tests. */
    public static ScriptedExchanger start(Script script) throws IOException {
        return start(script, 0);
    }

    /** The same on a port of one's choice; 0 picks a free one. */
    public static ScriptedExchanger start(Script script, int port) throws IOException {
        return new ScriptedExchanger(script, loopback(port), true, 1);
    }

    /** Only counts, and so takes any number of mails in constant memory: for load. */
    public static ScriptedExchanger startCounting(Script script, int port, int threads) throws IOException {
        return startCounting(script, loopback(port), threads);
    }

    /** The same on an address of one's choice. */
    public static ScriptedExchanger startCounting(Script script, InetSocketAddress wanted, int threads)
            throws IOException {
        return new ScriptedExchanger(script, wanted, false, threads);
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    private Channel listen(InetSocketAddress wanted) throws IOException {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.ALLOCATOR, new AdaptiveByteBufAllocator())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channels.add(channel);
                        channel.pipeline()
                                .addLast(new ExchangerSession(channel, script, ledger, tls, Clock.systemUTC()));
                    }
                })
                .bind(wanted)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new PortInUseException(wanted, bound.cause());
        }
        channels.add(bound.channel());
        return bound.channel();
    }

    /** Connections that are opened from now on follow another script; those that are open keep theirs. */
    public void behave(Script next) {
        // Before the script that offers it: no connection may offer what it cannot do.
        if (next.offersStartTls()) {
            tls = next.certificate().serverContext();
        }
        script = next;
    }

    public InetSocketAddress address() {
        return address;
    }

    public int port() {
        return address.getPort();
    }

    public ExchangerCounts counts() {
        return ledger.counts();
    }

    /** The mails whose final dot got 250, in the order of those answers; empty when they are only counted. */
    public List<ReceivedMail> mails() {
        return ledger.mails();
    }

    /**
     * Waits until so many mails have been taken in all.
     *
     * @throws AssertionError when they have not within the time
     */
    public List<ReceivedMail> awaitMails(long count, Duration atMost) throws InterruptedException {
        if (!ledger.await(count, atMost)) {
            throw new AssertionError("of " + count + " mails " + ledger.counts().mails() + " have come in " + atMost);
        }
        return ledger.mails();
    }

    /** The dialog of a connection, numbered from 1, without content: lines that begin with {@code C: } or {@code S: }. */
    public List<String> transcript(int connection) {
        return ledger.transcript(connection);
    }

    @Override
    public void close() {
        channels.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
