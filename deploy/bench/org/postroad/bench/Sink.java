package org.postroad.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A receiver on one event loop that counts and keeps nothing, at every loopback address; as a program it listens at
 * each {@code PORT}, {@code PORT:DELAY-MILLISECONDS} or {@code PORT:KEYSTORE} and answers {@code counts PORT}
 * and {@code forget PORT} with what that listener has seen.
 */
final class Sink implements AutoCloseable {
    /** Of the key store that lives as long as a case. */
    static final String PASSWORD = "bench-only";

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Map<Integer, SinkTally> tallies = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        try (Sink sink = new Sink();
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            for (String argument : arguments) {
                String[] portAndKind = argument.split(":", 2);
                int port = Integer.parseInt(portAndKind[0]);
                String kind = portAndKind.length == 1 ? "0" : portAndKind[1];
                boolean delay = kind.matches("[0-9]+");
                sink.listen(port, delay ? Integer.parseInt(kind) : 0, delay ? null : tls(Path.of(kind)), null);
            }
            System.out.println("ready");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                SinkTally tally = Objects.requireNonNull(sink.tallies.get(Integer.valueOf(words[1])), line);
                if (words[0].equals("forget")) {
                    sink.loop.submit(tally::forget).sync();
                }
                System.out.println(tally);
            }
        }
    }

    /** What is watched, or null, hears of each mail as {@link SinkTally} says. */
    void listen(int port, int delayMillis, @Nullable SslContext tls, @Nullable ObjLongConsumer<String> watcher)
            throws InterruptedException {
        SinkTally tally = new SinkTally(watcher);
        tallies.put(port, tally);
        new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4_096)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new SinkSession(tally, TimeUnit.MILLISECONDS.toNanos(delayMillis), tls));
                    }
                })
                .bind("0.0.0.0", port)
                .sync();
    }

    private static SslContext tls(Path keyStore) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keyStore)) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        return SslContextBuilder.forServer(keys).build();
    }

    @Override
    public void close() {
        loop.shutdownGracefully();
    }
}
