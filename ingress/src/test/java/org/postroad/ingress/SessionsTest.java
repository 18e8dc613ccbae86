package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private final Sessions<Integer> sessions =
            new Sessions<>(100, new IngressMetrics(new CollectorRegistry()).sessions());
    private int next;

    private Sessions.Admission admit(String client, boolean mayRelay) throws UnknownHostException {
        return sessions.admit(next++, door(client, mayRelay));
    }

    private static SmtpSession.Door door(String client, boolean mayRelay) throws UnknownHostException {
        return new SmtpSession.Door("relay", InetAddress.getByName(client), mayRelay);
    }

    @Test
    void aNetworkOfStrangersGetsATenth() throws UnknownHostException {
        for (int i = 0; i < 10; i++) {
            assertThat(admit("192.0.2." + i, false)).isEqualTo(Sessions.Admission.ADMITTED);
            assertThat(admit("2001:db8:1:" + i + "::1", false)).isEqualTo(Sessions.Admission.ADMITTED);
        }
        assertThat(admit("192.0.2.99", false)).isEqualTo(Sessions.Admission.NETWORK_FULL);
        assertThat(admit("2001:db8:1:ffff::1", false)).isEqualTo(Sessions.Admission.NETWORK_FULL);
        assertThat(admit("192.0.3.1", false)).isEqualTo(Sessions.Admission.ADMITTED);
        assertThat(admit("2001:db8:2::1", false)).isEqualTo(Sessions.Admission.ADMITTED);
        sessions.leave(0, door("192.0.2.0", false));
        assertThat(admit("192.0.2.99", false)).isEqualTo(Sessions.Admission.ADMITTED);
    }

    @Test
    void strangersOfAllNetworksLeaveAQuarterToThoseWhoMayRelay() throws UnknownHostException {
        for (int i = 0; i < 75; i++) {
            assertThat(admit("198.51." + i + ".1", false)).isEqualTo(Sessions.Admission.ADMITTED);
        }
        assertThat(admit("198.51.200.1", false)).isEqualTo(Sessions.Admission.NODE_FULL);
        for (int i = 0; i < 25; i++) {
            assertThat(admit("127.0.0.1", true)).isEqualTo(Sessions.Admission.ADMITTED);
        }
        assertThat(admit("127.0.0.1", true)).isEqualTo(Sessions.Admission.NODE_FULL);
    }

    @Test
    void whoMayRelayMayHaveEverySession() throws UnknownHostException {
        for (int i = 0; i < 100; i++) {
            assertThat(admit("127.0.0.1", true)).isEqualTo(Sessions.Admission.ADMITTED);
        }
        assertThat(sessions.open()).hasSize(100);
        for (int i = 0; i < 100; i++) {
            sessions.leave(i, door("127.0.0.1", true));
        }
        assertThat(sessions.open()).isEmpty();
    }
}
