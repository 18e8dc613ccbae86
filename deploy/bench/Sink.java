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
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
import javax.net.ssl.KeyManagerFactory;

/**
 * A receiver on one event loop that counts and keeps nothing, at every loopback address; as a program it listens at
 * each {@code PORT}, {@code PORT:DELAY-MILLISECONDS} or {@code PORT:KEYSTORE} and answers each line with its counts, but {@code forget}, upon which it starts the most
 * connections at once afresh.
 */
final class Sink implements AutoCloseable {
    /** Of the key store that lives as long as a case. */
    static final String PASSWORD = "bench-only";

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ObjLongConsumer<String> watcher;
    // Written on the loop only.
    private volatile long mails;
    private volatile long recipients;
    private volatile long connections;
    private volatile long handshakes;
    private volatile long open;
    private volatile long mostOpen;

    /** The watcher, if any, hears each mail's first RCPT command and when its final dot came. */
    Sink(ObjLongConsumer<String> watcher) {
        this.watcher = watcher;
    }

    public static void main(String[] arguments) throws Exception {
        try (Sink sink = new Sink(null);
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            for (String argument : arguments) {
                String[] portAndKind = argument.split(":", 2);
                int port = Integer.parseInt(portAndKind[0]);
                String kind = portAndKind.length == 1 ? "0" : portAndKind[1];
                boolean delay = kind.matches("[0-9]+");
                sink.listen(port, delay ? Integer.parseInt(kind) : 0, delay ? null : tls(Path.of(kind)));
            }
            System.out.println("ready");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("forget")) {
                    sink.loop.execute(() -> sink.mostOpen = sink.open);
                    continue;
                }
                System.out.println(sink.recipients + " " + sink.mails + " " + sink.connections + " " + sink.handshakes
                        + " " + sink.mostOpen);
            }
        }
    }

    void listen(int port, int delayMillis, SslContext tls) throws InterruptedException {
        new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4_096)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new SinkSession(Sink.this, TimeUnit.MILLISECONDS.toNanos(delayMillis), tls));
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

    boolean isWatched() {
        return watcher != null;
    }

    void arrived(int newRecipients, String firstRecipient) {
        if (watcher != null) {
            watcher.accept(firstRecipient, System.nanoTime());
        }
        mails = mails + 1;
        recipients = recipients + newRecipients;
    }

    void opened() {
        connections = connections + 1;
        open = open + 1;
        mostOpen = Math.max(mostOpen, open);
    }

    void closed() {
        open = open - 1;
    }

    void encrypted() {
        handshakes = handshakes + 1;
    }

    @Override
    public void close() {
        loop.shutdownGracefully();
    }
}
