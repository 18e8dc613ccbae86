package org.postroad.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.server.ServerSocketFactory;

/**
 * Loopback sockets bound before Kafka starts, so that a port in use is one early error and a free port stays ours from the
 * moment it was picked.
 */
final class BoundSockets implements ServerSocketFactory, AutoCloseable {
    private static final int BACKLOG = 128;
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final Map<String, ServerSocketChannel> byListener = new ConcurrentHashMap<>();

    /** Binds a listener's socket (port 0: a free one) and tells its port. */
    int bind(String listener, int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port);
        ServerSocketChannel socket = ServerSocketChannel.open();
        try {
            socket.bind(address, BACKLOG);
        } catch (IOException e) {
            socket.close();
            throw new PortInUseException(address, e);
        }
        byListener.put(listener, socket);
        return socket.socket().getLocalPort();
    }

    @Override
    public ServerSocketChannel openServerSocket(
            String listener, InetSocketAddress address, int listenBacklogSize, int receiveBufferSize)
            throws IOException {
        ServerSocketChannel socket = Objects.requireNonNull(byListener.get(listener), listener);
        socket.configureBlocking(false);
        return socket;
    }

    @Override
    public void close() throws IOException {
        for (ServerSocketChannel socket : byListener.values()) {
            socket.close();
        }
    }
}
