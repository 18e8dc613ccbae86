package org.postroad.deliverer.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.send.FakeWorld;
import org.postroad.deliverer.send.HeldResolver;
import org.postroad.schemas.dns.NameServers;
import org.postroad.testkit.ZoneDns;
import org.postroad.testkit.ZoneFault;
import org.xbill.DNS.Message;
import org.xbill.DNS.Resolver;

class AddressBookTest {
    private static final String ZONE = """
            mx.x.test. 60 IN A 198.51.100.7
            mx.x.test. 60 IN AAAA 2001:db8::7
            four.x.test. 60 IN A 198.51.100.7
            alias.x.test. 60 IN CNAME mx.x.test.
            """;

    /** Never reached, however slow the machine is. */
    private static final long PATIENCE_SECONDS = 60;

    /** Of either kind; each such name's exceptions are logged. */
    private static final int MORE_THAN_PLACES = Math.max(AddressLookups.FRESH, AddressLookups.SLOW) + 10;

    private final EventLoop loop = new DefaultEventLoop();

    @AfterEach
    void end() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void asksForABoundedNumberOfNamesAtOnceHoweverSlowTheServersAre() throws Exception {
        HeldResolver hurried = new HeldResolver();
        HeldResolver patient = new HeldResolver();
        AddressBook book = book(new AddressLookups(loop, hurried, patient, AddressFamily.ANY));
        int names = 2 * (AddressLookups.FRESH + AddressLookups.SLOW);
        onLoop(() -> {
            for (int i = 0; i < names; i++) {
                book.whenKnown("n" + i + ".test", Ticker.systemTicker().nanoTime(), answer -> {});
            }
        });
        assertThat(hurried.names()).hasSize(AddressLookups.FRESH);
        for (int asked = AddressLookups.FRESH; asked < names; asked += AddressLookups.FRESH) {
            hurried.failAll();
            awaitLoop();
            assertThat(hurried.names()).hasSize(AddressLookups.FRESH);
            assertThat(patient.names().size()).isEqualTo(Math.min(asked, AddressLookups.SLOW));
        }
    }

    @Test
    void theNameThatCameLastIsAskedForNextHoweverManyWait() throws Exception {
        HeldResolver hurried = new HeldResolver();
        HeldResolver patient = new HeldResolver();
        AddressBook book = book(new AddressLookups(loop, hurried, patient, AddressFamily.ANY));
        onLoop(() -> {
            for (int i = 0; i < 10 * AddressLookups.FRESH; i++) {
                book.whenKnown("silent" + i + ".test", Ticker.systemTicker().nanoTime(), answer -> {});
            }
            book.whenKnown("last.test", Ticker.systemTicker().nanoTime(), answer -> {});
        });
        assertThat(hurried.names()).doesNotContain("last.test.");
        hurried.failOne();
        awaitLoop();
        assertThat(hurried.names()).contains("last.test.");
        for (int i = 0; i < 2 * AddressLookups.SLOW; i++) {
            hurried.failOne();
            awaitLoop();
        }
        onLoop(() -> book.whenKnown("slow.test", Ticker.systemTicker().nanoTime(), answer -> {}));
        hurried.failOne();
        awaitLoop();
        hurried.fail("slow.test.");
        awaitLoop();
        assertThat(patient.names()).hasSize(AddressLookups.SLOW).doesNotContain("slow.test.");
        patient.failOne();
        awaitLoop();
        assertThat(patient.names()).contains("slow.test.");
    }

    /** By real messages; servers get so much time that no silent name ends before the others are answered. */
    @Test
    void thousandsOfSilentNamesKeepNoOtherFromItsAnswer() throws Exception {
        StringBuilder zone = new StringBuilder(ZONE);
        for (int i = 0; i < 100; i++) {
            zone.append("well").append(i).append(".x.test. 60 IN A 198.51.100.7\n");
        }
        try (ZoneDns dns = ZoneDns.start(zone.toString())) {
            NameServers servers = NameServers.of(List.of(dns.address()), Duration.ofMinutes(5));
            AddressBook book = book(new AddressLookups(loop, servers, AddressFamily.ANY));
            for (int i = 0; i < 3_000; i++) {
                dns.fail("silent" + i + ".x.test.", ZoneFault.Kind.SILENCE);
            }
            AtomicInteger silent = new AtomicInteger();
            for (int i = 0; i < 100; i++) {
                int turn = i;
                onLoop(() -> {
                    for (int j = 0; j < 30; j++) {
                        book.whenKnown(
                                "silent" + (30 * turn + j) + ".x.test",
                                Ticker.systemTicker().nanoTime(),
                                answer -> silent.incrementAndGet());
                    }
                });
                assertThat(addresses(book, "well" + i + ".x.test").addresses()).hasSize(1);
            }
            assertThat(silent).hasValue(0);
        }
    }

    /** Every way to be wrong but two: TRUNCATED and LATE are right in the end. */
    @ParameterizedTest
    @EnumSource(
            value = ZoneFault.Kind.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"TRUNCATED", "LATE"})
    void asksTheNextServerWhereTheFirstSaysNeitherYesNorNo(ZoneFault.Kind kind) throws Exception {
        try (ZoneDns sick = ZoneDns.start(ZONE);
                ZoneDns well = ZoneDns.start(ZONE)) {
            sick.failAll(kind);
            AddressBook book = book(List.of(sick.address(), well.address()));
            AddressBook.Answer answer = addresses(book, "mx.x.test");
            assertThat(answer.failed()).isFalse();
            assertThat(answer.addresses())
                    .containsExactlyInAnyOrder(
                            InetAddress.getByName("198.51.100.7"), InetAddress.getByName("2001:db8::7"));
            int asked = sick.queries();
            for (String name : List.of("alias.x.test", "four.x.test", "nobody.x.test")) {
                assertThat(addresses(book, name).failed()).isFalse();
            }
            assertThat(sick.queries()).isEqualTo(asked);
        }
    }

    /** Of a family that is broken nobody waits where the other is known, and what comes late is known from then on. */
    @ParameterizedTest
    @CsvSource({"AAAA, SILENCE", "AAAA, SERVFAIL", "AAAA, REFUSED", "AAAA, MALFORMED", "A, SILENCE", "A, SERVFAIL"})
    void aFamilyThatFailsOrHangsCostsNothingWhereTheOtherAnswers(String broken, ZoneFault.Kind kind) throws Exception {
        try (ZoneDns dns = ZoneDns.start(ZONE)) {
            dns.fail("mx.x.test", broken, kind);
            NameServers servers = NameServers.of(List.of(dns.address()), Duration.ofMinutes(5));
            AddressLookups lookups =
                    new AddressLookups(loop, servers.hurried(Duration.ofMinutes(5)), servers, AddressFamily.ANY);
            AddressBook book = book(lookups); // within the limit of this test nothing else ends the wait
            assertThat(addresses(book, "mx.x.test").addresses())
                    .containsExactly(InetAddress.getByName(broken.equals("A") ? "2001:db8::7" : "198.51.100.7"));
        }
    }

    @Test
    void addressesThatComeLateAreKnownFromThenOn() throws Exception {
        HeldResolver late = new HeldResolver();
        try (ZoneDns dns = ZoneDns.start(ZONE)) {
            dns.fail("mx.x.test", "AAAA", ZoneFault.Kind.SERVFAIL);
            NameServers servers = NameServers.of(List.of(dns.address()));
            AddressBook book = book(new AddressLookups(loop, servers, late, AddressFamily.ANY));
            assertThat(addresses(book, "mx.x.test").addresses()).hasSize(1);
            awaitLoop();
            assertThat(late.names()).containsExactly("mx.x.test.");
            dns.heal("mx.x.test", "AAAA");
            late.answerAll(servers);
            while (addresses(book, "mx.x.test").addresses().size() == 1) {
                Thread.onSpinWait();
            }
            assertThat(addresses(book, "mx.x.test").addresses()).hasSize(2);
        }
    }

    @Test
    void onlyTheFamilyThatIsReachedIsAskedForAndUsed() throws Exception {
        try (ZoneDns dns = ZoneDns.start(ZONE)) {
            for (AddressFamily family : List.of(AddressFamily.IPV4, AddressFamily.IPV6)) {
                AddressLookups lookups = new AddressLookups(loop, NameServers.of(List.of(dns.address())), family);
                AddressBook book = new AddressBook(loop, lookups, family);
                for (String name : List.of("mx.x.test", "198.51.100.7", "2001:db8::7", "four.x.test", "localhost")) {
                    assertThat(addresses(book, name).addresses()).allMatch(family::includes);
                }
                assertThat(addresses(book, "mx.x.test").addresses()).hasSize(1);
            }
            assertThat(dns.queries("mx.x.test", "A")).isEqualTo(1);
            assertThat(dns.queries("mx.x.test", "AAAA")).isEqualTo(1);
        }
    }

    private AddressBook book(List<InetSocketAddress> servers) {
        return book(new AddressLookups(loop, NameServers.of(servers), AddressFamily.ANY));
    }

    private AddressBook book(AddressLookups lookups) {
        return new AddressBook(loop, lookups, AddressFamily.ANY);
    }

    private AddressBook throwing(Throwable bug) {
        Resolver resolver = new HeldResolver() {
            @Override
            public synchronized CompletionStage<Message> sendAsync(Message query, Executor executor) {
                if (bug instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) bug;
            }
        };
        return book(new AddressLookups(loop, resolver, resolver, AddressFamily.ANY));
    }

    private void onLoop(Runnable step) throws Exception {
        loop.submit(step).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** What the loop was given to do by now is done, and what that gave it to do. */
    private void awaitLoop() throws Exception {
        for (int i = 0; i < 20; i++) {
            onLoop(() -> {});
        }
    }

    private AddressBook.Answer addresses(AddressBook book, String host) throws Exception {
        CompletableFuture<AddressBook.Answer> found = new CompletableFuture<>();
        loop.execute(() -> book.whenKnown(host, Ticker.systemTicker().nanoTime(), found::complete));
        return found.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
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
            AddressBook book = book(List.of(dns.address()));
            BlockingQueue<AddressBook.Answer> answers = new LinkedBlockingQueue<>();
            loop.execute(() -> book.whenKnown("many.test", Ticker.systemTicker().nanoTime(), answers::add));
            AddressBook.Answer answer = answers.poll(FakeWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(answer.addresses()).hasSize(2 * AddressBook.ADDRESSES);
        }
    }

    /** What a resolver throws instead of answering: no mail waits for ever, no place among those that ask is lost. */
    @Test
    void aLookupThatThrowsIsAFailedAnswerAndGivesItsPlaceBack() throws Exception {
        List<Throwable> bugs = List.of(new IllegalStateException("bug"), new AssertionError("bug"));
        for (Throwable bug : bugs) {
            bug.setStackTrace(new StackTraceElement[0]); // the log has thousands of them
            AddressBook book = throwing(bug);
            int names = MORE_THAN_PLACES;
            BlockingQueue<AddressBook.Answer> answers = new LinkedBlockingQueue<>();
            loop.execute(() -> {
                for (int i = 0; i < names; i++) {
                    book.whenKnown("n" + i + ".test", Ticker.systemTicker().nanoTime(), answers::add);
                }
            });
            for (int i = 0; i < names; i++) {
                assertThat(answers.poll(FakeWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .as("answer %d of %d", i, names)
                        .isEqualTo(AddressBook.Answer.FAILED);
            }
        }
    }

    @Test
    void whoeverThrowsOverAnAnswerLosesNobodyElsesAndNoPlace() throws Exception {
        IllegalStateException bug = new IllegalStateException("bug");
        bug.setStackTrace(new StackTraceElement[0]); // likewise
        AddressBook book = throwing(bug);
        BlockingQueue<AddressBook.Answer> answers = new LinkedBlockingQueue<>();
        loop.execute(() -> {
            for (int i = 0; i < MORE_THAN_PLACES; i++) {
                book.whenKnown("n" + i + ".test", Ticker.systemTicker().nanoTime(), answer -> {
                    throw new NoClassDefFoundError("bug");
                });
            }
            book.whenKnown("last.test", Ticker.systemTicker().nanoTime(), answers::add);
        });
        assertThat(answers.poll(FakeWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isNotNull();
    }
}
