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
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postroad.testkit.ZoneDns;
import org.postroad.testkit.ZoneFault;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.TSIG;

class AddressBookTest {
    private static final String ZONE = """
            mx.x.test. 60 IN A 198.51.100.7
            mx.x.test. 60 IN AAAA 2001:db8::7
            """;

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

    @ParameterizedTest
    @EnumSource(
            value = ZoneFault.Kind.class,
            names = {"SERVFAIL", "REFUSED", "SILENCE", "MALFORMED"})
    void asksTheNextServerWhereTheFirstSaysNeitherYesNorNo(ZoneFault.Kind kind) throws Exception {
        try (ZoneDns sick = ZoneDns.start(ZONE);
                ZoneDns well = ZoneDns.start(ZONE)) {
            sick.fail("mx.x.test.", kind);
            AddressBook.Answer answer = addresses(List.of(sick.address(), well.address()), "mx.x.test");
            assertThat(answer.failed()).isFalse();
            assertThat(answer.addresses())
                    .containsExactlyInAnyOrder(
                            InetAddress.getByName("198.51.100.7"), InetAddress.getByName("2001:db8::7"));
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private AddressBook.Answer addresses(List<InetSocketAddress> servers, String host) throws Exception {
        return addresses(new AddressBook(loop, servers), host);
    }

    private AddressBook.Answer addresses(AddressBook book, String host) throws Exception {
        CompletableFuture<AddressBook.Answer> found = new CompletableFuture<>();
        loop.execute(() -> book.whenKnown(host, System.nanoTime(), found::complete));
        return found.get(60, TimeUnit.SECONDS);
    }

    @Test
    void keepsAFewAddressesOfAnAnswerOfHundreds() throws Exception {
        StringBuilder zone = new StringBuilder();
        for (int i = 1; i <= 400; i++) {
            zone.append("many.test. 60 IN A 192.0.")
                    .append(i / 250)
                    .append('.')
                    .append(i % 250)
                    .append('\n');
            zone.append("many.test. 60 IN AAAA 2001:db8::")
                    .append(Integer.toHexString(i))
                    .append('\n');
        }
        try (ZoneDns dns = ZoneDns.start(zone.toString())) {
            AddressBook book = new AddressBook(loop, List.of(dns.address()));
            BlockingQueue<AddressBook.Answer> answers = new LinkedBlockingQueue<>();
            loop.execute(() -> book.whenKnown("many.test", System.nanoTime(), answers::add));
            AddressBook.Answer answer = answers.poll(FakeWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(answer.addresses()).hasSize(2 * AddressBook.ADDRESSES);
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    /** What a resolver throws instead of answering: no mail waits for ever, no place among those that ask is lost. */
    @Test
    void aLookupThatThrowsIsAFailedAnswerAndGivesItsPlaceBack() throws Exception {
        List<Throwable> bugs = List.of(new IllegalStateException("bug"), new AssertionError("bug"));
        try {
            for (Throwable bug : bugs) {
                AddressBook book = new AddressBook(loop, new ThrowingResolver(bug));
                int names = 2 * AddressBook.LOOKUPS;
                BlockingQueue<AddressBook.Answer> answers = new LinkedBlockingQueue<>();
                loop.execute(() -> {
                    for (int i = 0; i < names; i++) {
                        book.whenKnown("n" + i + ".test", System.nanoTime(), answers::add);
                    }
                });
                for (int i = 0; i < names; i++) {
                    assertThat(answers.poll(FakeWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                            .as("answer %d of %d", i, names)
                            .isEqualTo(AddressBook.Answer.FAILED);
                }
            }
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void whoeverThrowsOverAnAnswerLosesNobodyElsesAndNoPlace() throws Exception {
        try {
            AddressBook book = new AddressBook(loop, new ThrowingResolver(new IllegalStateException("bug")));
            BlockingQueue<AddressBook.Answer> answers = new LinkedBlockingQueue<>();
            loop.execute(() -> {
                for (int i = 0; i < 2 * AddressBook.LOOKUPS; i++) {
                    book.whenKnown("n" + i + ".test", System.nanoTime(), answer -> {
                        throw new NoClassDefFoundError("bug");
                    });
                }
                book.whenKnown("last.test", System.nanoTime(), answers::add);
            });
            assertThat(answers.poll(FakeWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isNotNull();
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private record ThrowingResolver(Throwable bug) implements Resolver {
        @Override
        public CompletionStage<Message> sendAsync(Message query, Executor executor) {
            if (bug instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) bug;
        }

        @Override
        public void setPort(int port) {}

        @Override
        public void setTCP(boolean flag) {}

        @Override
        public void setIgnoreTruncation(boolean flag) {}

        @Override
        public void setEDNS(int version, int payloadSize, int flags, List<EDNSOption> options) {}

        @Override
        public void setTSIGKey(TSIG key) {}

        @Override
        public void setTimeout(Duration timeout) {}
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
