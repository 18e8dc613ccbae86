package org.postroad.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.IngressConfig.Tls;

/** Clients behind a proxy that speaks the PROXY protocol; the test's connections come from 192.0.2.7. */
class SessionProxyTest {
    private static final String MAIL = "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@y.example>\r\n";
    private static final byte[] SIGNATURE = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};

    @ParameterizedTest
    @CsvSource({
        "PROXY TCP4 203.0.113.9 192.0.2.1 4711 25, 203.0.113.9, true",
        "PROXY TCP4 198.51.100.9 192.0.2.1 4711 25, 198.51.100.9, false",
        "PROXY TCP6 2001:db8:9::1 2001:db8::1 4711 25, 2001:db8:9::1, true",
        "PROXY TCP4 10.0.0.9 192.0.2.1 4711 25, 10.0.0.9, false",
        "PROXY TCP4 127.0.0.1 127.0.0.1 4711 25, 127.0.0.1, false",
        "PROXY TCP6 ::ffff:10.0.0.9 ::1 4711 25, 10.0.0.9, false",
        "PROXY UNKNOWN, 192.0.2.7, false",
    })
    void theAddressAProxyGivesIsTheClients(String header, String client, boolean relays) {
        ServedSession session = ServedSession.on(listener());
        assertThat(session.heard()).as("nothing before the header").isEmpty();
        List<String> heard = session.send(header + "\r\n" + MAIL);
        assertThat(heard.get(0)).startsWith("220 ");
        assertThat(heard).last().asString().startsWith(relays ? "250 2.1.5" : "550 5.7.1");
        if (relays) {
            session.send("DATA\r\n.\r\n");
            assertThat(session.envelopes().get(0).getReceived().getClient()).isEqualTo(client);
        }
    }

    @Test
    void theSameByVersionTwo() throws UnknownHostException {
        ServedSession session = ServedSession.on(listener());
        session.send(version2(0x21, 0x11, address("203.0.113.9", "192.0.2.1")));
        assertThat(session.send(MAIL)).last().asString().startsWith("250 2.1.5");
        ServedSession local = ServedSession.on(listener());
        local.send(version2(0x20, 0x00, new byte[0]));
        assertThat(local.send(MAIL)).last().asString().startsWith("550 5.7.1");
    }

    @Test
    void octetsOneAtATimeAreTheSame() {
        ServedSession session = ServedSession.on(listener());
        for (byte octet : "PROXY TCP4 203.0.113.9 192.0.2.1 4711 25\r\n".getBytes(ISO_8859_1)) {
            assertThat(session.heard()).isEmpty();
            session.channel.writeInbound(io.netty.buffer.Unpooled.wrappedBuffer(new byte[] {octet}));
        }
        assertThat(session.heard()).singleElement().asString().startsWith("220 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EHLO c\r\nMAIL FROM:<>\r\n",
                "PROXY TCP4 203.0.113.999 192.0.2.1 4711 25\r\n",
                "PROXY TCP4 203.0.113.9 192.0.2.1 4711 99999\r\n",
                "PROXY TCP4 203.0.113.9\r\n",
                "PROXY TCP4 mx.example 192.0.2.1 4711 25\r\n",
                "PROXY TCP4 203.0.113.9 192.0.2.1 4711 25 and more than a header may be long: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                        + "xxxxxxxxxxxxx\r\n",
            })
    void whatIsNoHeaderEndsTheConnectionInSilence(String sent) {
        ServedSession session = ServedSession.on(listener());
        assertThat(session.send(sent)).isEmpty();
        assertThat(session.closed()).isTrue();
    }

    @Test
    void aProxyThatSaysNothingIsWaitedForTenSeconds() {
        ServedSession session = ServedSession.on(listener());
        session.wait(Duration.ofMillis(9_900));
        assertThat(session.closed()).isFalse();
        assertThat(session.wait(Duration.ofMillis(200))).isEmpty();
        assertThat(session.closed()).isTrue();
    }

    @Test
    void aHeaderOfAnybodyElseIsNoCommand() {
        ServedSession session = ServedSession.ordinary();
        session.heard();
        assertThat(session.send("PROXY TCP4 203.0.113.9 192.0.2.1 4711 25\r\n"))
                .singleElement()
                .asString()
                .startsWith("500 5.5.2");
    }

    private static IngressConfig.Listener listener() {
        List<Network> relayFrom = List.of(
                Network.parse("203.0.113.0/24"),
                Network.parse("2001:db8:9::/48"),
                Network.parse("10.0.0.0/8"),
                Network.parse("127.0.0.0/8"),
                Network.parse("192.0.2.0/24"));
        return new IngressConfig.Listener(
                "relay",
                new InetSocketAddress(0),
                Tls.NONE,
                Auth.NONE,
                false,
                relayFrom,
                Set.of(),
                List.of(Network.parse("192.0.2.7/32")),
                IngressConfig.Handling.RELAY);
    }

    private static byte[] address(String from, String to) throws UnknownHostException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(InetAddress.getByName(from).getAddress());
        out.writeBytes(InetAddress.getByName(to).getAddress());
        out.writeBytes(new byte[] {0x12, 0x34, 0x00, 0x19});
        return out.toByteArray();
    }

    private static byte[] version2(int command, int family, byte[] rest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        out.write(command);
        out.write(family);
        out.write(rest.length >> 8);
        out.write(rest.length);
        out.writeBytes(rest);
        return out.toByteArray();
    }
}
