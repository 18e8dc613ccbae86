package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.SessionCounts.Entry;

/** Limits of sessions, which are of a node whatever its event loops. */
class SessionCountsTest {
    private static final Listener USUAL = Listener.relay("usual", new InetSocketAddress(0), List.of());

    private final SessionCounts counts = new SessionCounts(100);

    private static Listener limited(String name, int sessions, int perNetwork, int perUser) {
        return Listener.relay(name, new InetSocketAddress(0), List.of(Network.parse("10.0.0.0/8")))
                .within(new ListenerLimits(
                        sessions,
                        perNetwork,
                        perUser,
                        1,
                        1,
                        1,
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(5),
                        0,
                        0,
                        2048));
    }

    private Entry enter(Listener listener, String address) throws UnknownHostException {
        return counts.enter(client(listener, address));
    }

    private static Admission client(Listener listener, String address) throws UnknownHostException {
        return Admission.of(listener, InetAddress.getByName(address));
    }

    @Test
    void aListenerThatIsFullLeavesTheOthersAlone() throws UnknownHostException {
        Listener two = limited("two", 2, 0, 1);
        assertThat(enter(two, "10.0.0.1")).isEqualTo(Entry.ENTERED);
        assertThat(enter(two, "192.0.2.1")).isEqualTo(Entry.ENTERED);
        assertThat(enter(two, "10.0.0.1")).isEqualTo(Entry.LISTENER_FULL);
        assertThat(enter(two, "192.0.2.1")).isEqualTo(Entry.LISTENER_FULL);
        assertThat(enter(USUAL, "192.0.2.1")).isEqualTo(Entry.ENTERED);
        counts.leave(client(two, "192.0.2.1"));
        assertThat(enter(two, "10.0.0.1")).isEqualTo(Entry.ENTERED);
    }

    @Test
    void aNetworkIsCountedOverAllListenersAndWhoMayRelayIsNot() throws UnknownHostException {
        Listener three = limited("three", 100, 3, 1);
        for (int i = 0; i < 3; i++) {
            assertThat(enter(i == 0 ? USUAL : three, "192.0.2." + i)).isEqualTo(Entry.ENTERED);
            assertThat(enter(three, "10.0.0.1")).isEqualTo(Entry.ENTERED);
        }
        assertThat(enter(three, "192.0.2.77")).isEqualTo(Entry.NETWORK_FULL);
        assertThat(enter(three, "198.51.100.1")).isEqualTo(Entry.ENTERED);
        assertThat(enter(three, "10.0.0.1")).isEqualTo(Entry.ENTERED);
    }

    @Test
    void whoIsRefusedIsNotCounted() throws UnknownHostException {
        Listener one = limited("one", 100, 1, 1);
        assertThat(enter(one, "192.0.2.1")).isEqualTo(Entry.ENTERED);
        for (int i = 0; i < 200; i++) {
            assertThat(enter(one, "192.0.2.1")).isEqualTo(Entry.NETWORK_FULL);
        }
        for (int i = 0; i < 74; i++) {
            assertThat(enter(one, "198.51." + i + ".1")).isEqualTo(Entry.ENTERED);
        }
        assertThat(enter(one, "198.51.99.1")).isEqualTo(Entry.NODE_FULL);
        counts.leave(client(one, "192.0.2.1"));
        assertThat(enter(one, "192.0.2.1")).isEqualTo(Entry.ENTERED);
    }

    @Test
    void aUserHasSoManySessions() {
        Listener two = limited("two", 100, 0, 2);
        assertThat(counts.logIn(two, "alice")).isTrue();
        assertThat(counts.logIn(two, "alice")).isTrue();
        assertThat(counts.logIn(two, "alice")).isFalse();
        assertThat(counts.logIn(two, "bob")).isTrue();
        counts.logOut("alice");
        assertThat(counts.logIn(two, "alice")).isTrue();
    }

    @Test
    void loopsThatCountAtTheSameTimeCountTogether() {
        Listener seven = limited("seven", 100, 0, 7);
        AtomicInteger most = new AtomicInteger();
        AtomicInteger now = new AtomicInteger();
        IntStream.range(0, 20_000).parallel().forEach(i -> {
            if (counts.logIn(seven, "alice")) {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                now.decrementAndGet();
                counts.logOut("alice");
            }
        });
        assertThat(most.get()).isBetween(1, 7);
        assertThat(counts.logIn(seven, "alice")).isTrue();
    }
}
