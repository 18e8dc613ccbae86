package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private static final IngressConfig.Listener STRICT =
            IngressConfig.Listener.relay("relay", new InetSocketAddress(0), List.of());
    private static final IngressConfig.Listener TRUSTING =
            IngressConfig.Listener.relay("relay", new InetSocketAddress(0), List.of(Network.parse("127.0.0.0/8")));

    private final Sessions<Integer> sessions =
            new Sessions<>(new SessionCounts(100), new IngressMetrics(new CollectorRegistry()).sessions());
    private int next;

    private SessionCounts.Entry enter(String address, boolean mayRelay) throws UnknownHostException {
        return sessions.enter(next++, client(address, mayRelay));
    }

    private static Admission client(String address, boolean mayRelay) throws UnknownHostException {
        return Admission.of(mayRelay ? TRUSTING : STRICT, InetAddress.getByName(address));
    }

    @Test
    void aNetworkOfStrangersGetsATenth() throws UnknownHostException {
        for (int i = 0; i < 10; i++) {
            assertThat(enter("192.0.2." + i, false)).isEqualTo(SessionCounts.Entry.ENTERED);
            assertThat(enter("2001:db8:1:" + i + "::1", false)).isEqualTo(SessionCounts.Entry.ENTERED);
        }
        assertThat(enter("192.0.2.99", false)).isEqualTo(SessionCounts.Entry.NETWORK_FULL);
        assertThat(enter("2001:db8:1:ffff::1", false)).isEqualTo(SessionCounts.Entry.NETWORK_FULL);
        assertThat(enter("192.0.3.1", false)).isEqualTo(SessionCounts.Entry.ENTERED);
        assertThat(enter("2001:db8:2::1", false)).isEqualTo(SessionCounts.Entry.ENTERED);
        sessions.leave(0, client("192.0.2.0", false));
        assertThat(enter("192.0.2.99", false)).isEqualTo(SessionCounts.Entry.ENTERED);
    }

    @Test
    void strangersOfAllNetworksLeaveAQuarterToThoseWhoMayRelay() throws UnknownHostException {
        for (int i = 0; i < 75; i++) {
            assertThat(enter("198.51." + i + ".1", false)).isEqualTo(SessionCounts.Entry.ENTERED);
        }
        assertThat(enter("198.51.200.1", false)).isEqualTo(SessionCounts.Entry.NODE_FULL);
        for (int i = 0; i < 25; i++) {
            assertThat(enter("127.0.0.1", true)).isEqualTo(SessionCounts.Entry.ENTERED);
        }
        assertThat(enter("127.0.0.1", true)).isEqualTo(SessionCounts.Entry.NODE_FULL);
    }

    @Test
    void whoMayRelayMayHaveEverySession() throws UnknownHostException {
        for (int i = 0; i < 100; i++) {
            assertThat(enter("127.0.0.1", true)).isEqualTo(SessionCounts.Entry.ENTERED);
        }
        assertThat(sessions.open()).hasSize(100);
        for (int i = 0; i < 100; i++) {
            sessions.leave(i, client("127.0.0.1", true));
        }
        assertThat(sessions.open()).isEmpty();
    }
}
