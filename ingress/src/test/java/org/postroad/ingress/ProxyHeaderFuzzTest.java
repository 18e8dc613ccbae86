package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.IngressConfig.Tls;

/** Both versions of the PROXY protocol, up to who the client is and what it says first. */
class ProxyHeaderFuzzTest {
    private static final IngressConfig.Listener LISTENER = new IngressConfig.Listener(
            "relay",
            new InetSocketAddress(0),
            Tls.NONE,
            Auth.NONE,
            false,
            List.of(Network.parse("203.0.113.0/24")),
            Set.of(),
            List.of(Network.parse("192.0.2.7/32")),
            IngressConfig.Handling.RELAY);

    @FuzzTest(maxDuration = "2m")
    void octetsOneAtATimeNameTheSameClientAndNothingElseIsAnswered(byte[] octets) {
        ServedSession whole = ServedSession.on(LISTENER);
        ServedSession slow = ServedSession.on(LISTENER);
        List<String> heard = heard(whole, octets, Math.max(1, octets.length));
        assertThat(heard(slow, octets, 1)).isEqualTo(heard);
        assertThat(slow.closed()).isEqualTo(whole.closed());
        if (!heard.isEmpty()) {
            assertThat(heard.get(0)).startsWith("220 ");
            assertThat(octets).containsSequence(octets[0] == 'P' ? new byte[] {'\r', '\n'} : new byte[] {'Q', 'U'});
        }
        whole.channel.finishAndReleaseAll();
        slow.channel.finishAndReleaseAll();
    }

    private static List<String> heard(ServedSession session, byte[] octets, int piece) {
        List<String> heard = new ArrayList<>(session.heard());
        for (int from = 0; from < octets.length; from += piece) {
            heard.addAll(session.send(Arrays.copyOfRange(octets, from, Math.min(octets.length, from + piece))));
        }
        return heard;
    }
}
