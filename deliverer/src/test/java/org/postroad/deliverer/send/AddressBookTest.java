package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AddressBookTest {
    private final EventLoop loop = new DefaultEventLoop();

    @Test
    void asksForABoundedNumberOfNamesAtOnceHoweverSlowTheServersAre() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            silent.setReceiveBufferSize(1 << 20);
            silent.setSoTimeout(1_000);
            AddressBook book = new AddressBook(loop, List.of((InetSocketAddress) silent.getLocalSocketAddress()));
            loop.execute(() -> {
                for (int i = 0; i < 2 * AddressBook.LOOKUPS; i++) {
                    book.whenKnown("n" + (1_000 + i) + ".test", System.nanoTime(), answer -> {});
                }
            });
            assertThat(namesAsked(silent)).hasSizeBetween(1, AddressBook.LOOKUPS);
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static Set<String> namesAsked(DatagramSocket server) throws Exception {
        Set<String> names = new HashSet<>();
        DatagramPacket query = new DatagramPacket(new byte[512], 512);
        try {
            while (true) {
                server.receive(query);
                names.add(new String(query.getData(), 13, 5, StandardCharsets.US_ASCII));
            }
        } catch (SocketTimeoutException silence) {
            return names;
        }
    }
}
