package org.postroad.deploy.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.postroad.deploy.config.Addresses;

/**
 * Listens for requests of HTTP on one event loop. Beyond so many connections the oldest gives way, if there are any, of those that have
 * not asked yet, so those that say nothing shut nobody out; one that does not take what was written to it within 60 s is closed.
 */
public final class HttpListener implements AutoCloseable {
    private static final int BACKLOG = 1_024;
    private static final int CHUNK = 8_192;
    private static final int WRITTEN_WITHIN_SECONDS = 60;

    private final EventLoopGroup loop;
    private final Terms terms;

    /** Oldest first; of the loop. */
    private final Map<Channel, Conversation> open = new LinkedHashMap<>();

    private final Channel listening;

    /**
     * What is taken.
     *
     * @param key of the configuration, where the address stands
     * @param connections at most so many at once
     * @param lineOctets of a request line, at most
     * @param headerOctets of all header fields of a request, at most
     */
    public record Terms(String key, int connections, int lineOctets, int headerOctets) {}

    /** Hears one connection's requests. */
    public interface Conversation extends ChannelHandler {
        /** Whether a request has come, so that others give way first. */
        boolean hasAsked();
    }

    private HttpListener(
            InetSocketAddress address, String thread, Terms terms, Function<Channel, Conversation> conversation)
            throws IOException {
        this.loop =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(thread, true), NioIoHandler.newFactory());
        this.terms = terms;
        this.listening = listen(address, conversation);
    }

    /**
     * Listens at once.
     *
     * @param conversation makes what hears one connection's requests
     * @throws BindException naming the address that is taken
     */
    public static HttpListener start(
            InetSocketAddress address, String thread, Terms terms, Function<Channel, Conversation> conversation)
            throws IOException {
        return new HttpListener(address, thread, terms, conversation);
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    private Channel listen(InetSocketAddress address, Function<Channel, Conversation> conversation) throws IOException {
        var bound = new ServerBootstrap()
                .group(loop, loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        opened(channel, conversation);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (bound.isSuccess()) {
            return bound.channel();
        }
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        if (bound.cause() instanceof SocketException taken) { // taken, or not permitted
            throw new BindException(
                    "cannot listen on " + Addresses.text(address) + " (" + terms.key() + "): " + taken.getMessage());
        }
        throw new IOException(bound.cause());
    }

    private void opened(Channel channel, Function<Channel, Conversation> conversation) {
        if (open.size() >= terms.connections()) {
            leastMissed().close();
        }
        Conversation its = conversation.apply(channel);
        open.put(channel, its);
        channel.closeFuture().addListener(closed -> open.remove(channel));
        channel.pipeline()
                .addLast(
                        new WriteTimeoutHandler(WRITTEN_WITHIN_SECONDS),
                        new HttpServerCodec(terms.lineOctets(), terms.headerOctets(), CHUNK),
                        its);
    }

    /** Whoever waits for an answer has done what it has to. */
    private Channel leastMissed() {
        return open.entrySet().stream()
                .filter(each -> !each.getValue().hasAsked())
                .findFirst()
                .orElseGet(() -> open.entrySet().iterator().next())
                .getKey();
    }

    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        // A loop that ends before its channels leaves half requests in their decoders. Each close adds a task that
        // releases them, so one more task is waited for.
        loop.submit(() -> List.copyOf(open.keySet()).forEach(Channel::close)).awaitUninterruptibly();
        loop.submit(() -> {}).awaitUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
