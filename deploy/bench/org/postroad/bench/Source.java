package org.postroad.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** A load generator on one event loop; as a program it takes lines of {@code PORT LOAD} and says when each is done. */
final class Source implements AutoCloseable {
    /** No line of a reply is longer (RFC 5321 section 4.5.3.1.5, and much patience). */
    private static final int LINE = 8_192;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    public static void main(String[] arguments) throws Exception {
        try (Source source = new Source();
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            System.out.println("ready");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] portAndLoad = line.split(" ", 2);
                Load load = Load.parse(portAndLoad[1]);
                Count count = new Count(load.mails());
                long start = System.nanoTime();
                source.open(Integer.parseInt(portAndLoad[0]), load, count);
                System.out.println(count.done
                        .handle((at, failure) ->
                                failure == null ? "done " + (at - start) : "failed " + failure.getMessage())
                        .get());
            }
        }
    }

    /** Opens the sessions of a load; what they do from there the supply hears. */
    void open(int port, Load load, Supply supply) {
        ByteBuf content = load.content();
        for (int i = 0; i < load.sessions(); i++) {
            ChannelFuture connected = new Bootstrap()
                    .group(loop)
                    .channel(EpollSocketChannel.class)
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            channel.pipeline()
                                    .addLast(
                                            new LineBasedFrameDecoder(LINE),
                                            new SourceSession(supply, load.recipients(), content));
                        }
                    })
                    .connect("127.0.0.1", port);
            connected.addListener(it -> {
                if (!it.isSuccess()) {
                    supply.failed(it.cause().toString());
                }
            });
        }
    }

    @Override
    public void close() {
        loop.shutdownGracefully();
    }

    /** A load that is done when each of its mails has its 250, and has failed when one session fails. */
    private static final class Count implements Supply {
        final CompletableFuture<Long> done = new CompletableFuture<>();
        private final long mails;
        private long given;
        private long accepted;

        Count(long mails) {
            this.mails = mails;
        }

        @Override
        public long next() {
            return given < mails ? given++ : -1;
        }

        @Override
        public void accepted(long mail) {
            if (++accepted == mails) {
                done.complete(System.nanoTime());
            }
        }

        @Override
        public void failed(String why) {
            done.completeExceptionally(new IllegalStateException(why));
        }
    }
}
