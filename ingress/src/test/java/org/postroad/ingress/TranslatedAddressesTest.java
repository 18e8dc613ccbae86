package org.postroad.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.ingress.IngressConfig.Auth;
import org.postroad.ingress.IngressConfig.Handling;
import org.postroad.ingress.IngressConfig.Tls;

class TranslatedAddressesTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 10.0.0.0/8, '', 10.0.0.0/8",
        "::, 10.0.0.0/8, '', 10.0.0.0/8",
        "198.51.100.1, 172.16.5.0/24 192.168.1.7 fd00::/64 100.64.0.0/10, '', 172.16.5.0/24 192.168.1.7/32 fd00::/64 100.64.0.0/10",
        "0.0.0.0, 127.0.0.0/8 ::1/128 198.51.100.0/24, '', ''",
        "0.0.0.0, 0.0.0.0/0, '', 0.0.0.0/0",
        "::, ::/0, '', ::/0",
        "0.0.0.0, 172.15.0.0/16 172.32.0.0/16 11.0.0.0/8, '', ''",
        "127.0.0.1, 10.0.0.0/8, '', ''",
        "::1, 10.0.0.0/8, '', ''",
        "10.1.2.3, 10.0.0.0/8, '', ''",
        "192.168.1.1, 10.0.0.0/8, '', ''",
        "fd00::1, 10.0.0.0/8, '', ''",
        "0.0.0.0, 10.0.0.0/8, 10.0.0.0/8, ''",
    })
    void namesPrivateNetworksThatAPublicListenerTrusts(
            String address, String relayFrom, String proxyFrom, String named) {
        IngressConfig.Listener listener = new IngressConfig.Listener(
                "a",
                new InetSocketAddress(address, 25),
                Tls.NONE,
                Auth.NONE,
                false,
                networks(relayFrom),
                Set.of(),
                networks(proxyFrom),
                Handling.RELAY);
        assertThat(TranslatedAddresses.trustedBy(listener)).isEqualTo(networks(named));
    }

    private static List<Network> networks(String text) {
        return Arrays.stream(text.split(" "))
                .filter(one -> !one.isEmpty())
                .map(Network::parse)
                .toList();
    }
}
