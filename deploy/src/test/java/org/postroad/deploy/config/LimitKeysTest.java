package org.postroad.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deploy.settings.ConfigurationException;
import org.postroad.deploy.settings.Reading;
import org.postroad.ingress.IngressConfig;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.ListenerLimits;

/** Limits of listeners, as the file has them. */
class LimitKeysTest {
    private static final String LISTENERS = """
            ingress:
              listeners: [{name: mx, address: "127.0.0.1:25"}, {name: other, address: "127.0.0.1:26"}]
              http-listeners: [{name: api, address: "127.0.0.1:80"}]
            """;

    private static IngressConfig read(String yaml) {
        return Configuration.of(Reading.ofText(yaml, "postroad.yaml", Map.of())).ingress();
    }

    @Test
    void nothingConfiguredIsWhatIsUsual() {
        assertThat(read("").listeners()).extracting(Listener::limits).containsExactly(ListenerLimits.USUAL);
        assertThat(read(LISTENERS + "  limits: [{listener: mx}]\n").listeners())
                .extracting(Listener::limits)
                .containsExactly(ListenerLimits.USUAL, ListenerLimits.USUAL);
        assertThat(read("").maxSessions()).isEqualTo(10_000);
    }

    @Test
    void theFirstRowForAListenerSaysAll() {
        IngressConfig ingress = read(LISTENERS + """
                  max-sessions: 500
                  limits:
                    - {listener: mx, sessions: 200, sessions-per-network: 5, sessions-per-user: 6, messages-per-session: 20,
                       recipients: 50, errors: 5, command-time: 30s, data-time: 1m, least-rate: 1KiB, message-size: 10MiB,
                       command-line: 1KiB}
                    - {listener: "*", recipients: 7}
                    - {listener: other, recipients: 8}
                """);
        assertThat(ingress.maxSessions()).isEqualTo(500);
        assertThat(ingress.listeners().get(0).limits())
                .isEqualTo(new ListenerLimits(
                        200, 5, 6, 20, 50, 5, Duration.ofSeconds(30), Duration.ofMinutes(1), 1024, 10 << 20, 1024));
        assertThat(List.of(ingress.listeners().get(1), ingress.httpListeners().get(0)))
                .allMatch(listener -> listener.limits().recipients() == 7)
                .allMatch(listener -> listener.limits().sessions() == ListenerLimits.NONE);
    }

    @Test
    void whereClientsOfHttpLogInNobodyIsTrustedForAnAddressUnlessTheFileSaysSo() {
        IngressConfig ingress = read("""
                ingress:
                  users-file: users
                  http-listeners:
                    - {name: a, address: "127.0.0.1:80"}
                    - {name: b, address: "127.0.0.1:81", auth: offered, auth-in-clear: true}
                    - {name: c, address: "127.0.0.1:82", auth: offered, auth-in-clear: true, relay-from: [10.0.0.0/8]}
                """);
        assertThat(ingress.httpListeners())
                .extracting(listener -> listener.relayFrom().toString())
                .containsExactly("[127.0.0.0/8, 0:0:0:0:0:0:0:1/128]", "[]", "[10.0.0.0/8]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{recipients: 5} | listener: missing",
                "{listener: nobody} | the name of a listener, or *",
                "{listener: mx, recipients: 1001} | at most 1000",
                "{listener: mx, recipients: 0} | at least 1",
                "{listener: mx, sessions: 0} | at least 1",
                "{listener: mx, errors: 5000} | at most 1000",
                "{listener: mx, command-time: 0s} | above 0 and at most 1h",
                "{listener: mx, data-time: 2h} | above 0 and at most 1h",
                "{listener: mx, least-rate: fast} | not a",
                "{listener: mx, command-line: 512B} | from 1KiB to 64KiB",
                "{listener: mx, message-size: 2GiB} | from 1B to 1GiB",
                "{listener: mx, message-rate: 2} | message-rate",
            })
    void whatMakesNoLimitIsNamed(String row, String said) {
        assertThatThrownBy(() -> read(LISTENERS + "  limits: [" + row + "]\n"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("ingress.limits[0]")
                .hasMessageContaining(said);
    }
}
