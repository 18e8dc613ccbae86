package org.postroad.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.config.Limit;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deploy.settings.ConfigurationException;
import org.postroad.deploy.settings.Reading;
import org.postroad.deploy.settings.ShownYaml;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.TlsPolicy;
import org.postroad.schemas.Topics;

class ConfigurationTest {
    private static final String WHOLE = """
            node: {hostname: mail.example.org, own-names: [mx.example.org], postmaster: pm@example.org,
                   metrics-address: "0.0.0.0:9470", admin-address: "127.0.0.1:9471"}
            kafka: {bootstrap-servers: "a:1,b:2", topic-prefix: "p.", properties: {security.protocol: SSL, sasl.password: x}}
            ingress:
              listeners:
                - {name: relay, address: "[::1]:2525", role: relay, tls: none, auth: none, relay-from: ["10.0.0.0/8"], accept-for: []}
              max-message-size: 1MiB
              inline-content-up-to: 8KiB
            router:
              dns-servers: ["127.0.0.1:53"]
              routes:
                - {domain: "Example.Test.", to: ["127.0.0.1:2526", "mx.example.org", "[::1]:26"], tls: none}
              roll-up: [{exchanger-suffix: google.com, destination: google}]
            deliverer:
              port: 2600
              sources: [{name: default, ehlo: mail.example.org, address: "::", address-family: any}]
              limits: [{destination: "*", connections: 3, messages-per-connection: 7, idle: 2s}]
              allow-local-exchangers: true
              drain-limit: 10s
            retry: {tiers: [1s, 1m], schedule: [2s], lifetime: 1d}
            standalone: {kafka-port: 1234}
            """;

    private static Configuration read(String yaml, Map<String, String> environment) {
        return Configuration.of(Reading.ofText(yaml, "postroad.yaml", environment));
    }

    private static Configuration read(String yaml) {
        return read(yaml, Map.of());
    }

    /** As config show prints it, without who decided each value. */
    private static String shown(Configuration configuration) {
        return ShownYaml.of(configuration.shown()).replaceAll(" +# (default|file|environment)\n", "\n");
    }

    @Test
    void defaultsAreThoseOfTheDocumentation() {
        Configuration configuration = read("");
        assertThat(configuration.ingress().listeners()).hasSize(1);
        assertThat(Addresses.text(configuration.ingress().listeners().get(0).address()))
                .isEqualTo("127.0.0.1:2525");
        assertThat(configuration.ingress().maxMessageSize()).isEqualTo(50L << 20);
        assertThat(configuration.ingress().inlineContentUpTo()).isEqualTo(16 << 10);
        assertThat(configuration.kafka().bootstrapServers()).isEqualTo("127.0.0.1:29092");
        assertThat(configuration.deliverer().port()).isEqualTo(25);
        assertThat(configuration.deliverer().limits()).containsExactly(Limit.DEFAULT);
        assertThat(configuration.deliverer().retry()).isEqualTo(RetryConfig.DEFAULT);
        assertThat(configuration.deliverer().drainLimit()).isEqualTo(Duration.ofSeconds(60));
        assertThat(Addresses.text(configuration.metricsAddress())).isEqualTo("127.0.0.1:9470");
    }

    @Test
    void everyKeyReachesItsRole() {
        Configuration configuration = read(WHOLE);
        assertThat(configuration.ingress().hostname()).isEqualTo("mail.example.org");
        assertThat(configuration.ingress().listeners().get(0).relayFrom()).hasSize(1);
        assertThat(configuration.router(Path.of("state")).postmaster()).isEqualTo("pm@example.org");
        assertThat(configuration.router(Path.of("state")).ownNames()).containsExactly("mx.example.org");
        assertThat(configuration.routes().get(0).domain()).isEqualTo("example.test");
        assertThat(configuration.routes().get(0).to())
                .containsExactly(
                        new Exchanger("127.0.0.1", 0, 2526, TlsPolicy.NONE),
                        new Exchanger("mx.example.org", 1, 0, TlsPolicy.NONE),
                        new Exchanger("::1", 2, 26, TlsPolicy.NONE));
        assertThat(configuration.deliverer().limits()).containsExactly(new Limit("*", 3, 7, Duration.ofSeconds(2)));
        assertThat(configuration.deliverer().sources().get(0).ehlo()).isEqualTo("mail.example.org");
        assertThat(configuration.topics(Topics.Size.STANDALONE).inbound().name())
                .isEqualTo("p.inbound");
        assertThat(configuration.kafka().properties()).containsEntry("security.protocol", "SSL");
    }

    @ParameterizedTest
    @CsvSource({"any,ANY", "ipv4,IPV4", "ipv6,IPV6"})
    void aSourceMayBeOfOneFamily(String text, AddressFamily family) {
        Configuration configuration = read("deliverer: {sources: [{name: a, address-family: " + text + "}]}");
        assertThat(configuration.deliverer().sources().get(0).family()).isEqualTo(family);
        assertThat(shown(configuration)).contains("address-family: " + text);
        assertThat(read("").deliverer().sources().get(0).family()).isEqualTo(AddressFamily.ANY);
    }

    @Test
    void whatIsShownReadsBackAsTheSame() {
        for (String yaml : List.of("", WHOLE.replace(", sasl.password: x", ""))) {
            String shown = shown(read(yaml));
            assertThat(shown(read(shown))).isEqualTo(shown);
        }
    }

    @Test
    void secretsAreNotShown() {
        assertThat(shown(read(WHOLE))).contains("sasl.password: (hidden)");
    }

    @Test
    void listsGivenReplaceDefaults() {
        assertThat(read("retry: {schedule: [7s]}").deliverer().retry().schedule())
                .containsExactly(Duration.ofSeconds(7));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POSTROAD_KAFKA_BOOTSTRAP_SERVERS                | k:1        | bootstrap-servers: k:1
            POSTROAD_RETRY_TIERS | 3s,4s      | tiers: [3s, 4s]
            POSTROAD_RETRY_TIERS_0_ | 9s         | tiers: [9s, 1m]
            POSTROAD_INGRESS_LISTENERS_0__ADDRESS           | [::1]:9    | :9'
            POSTROAD_INGRESS_MAX_MESSAGE_SIZE               | 2MiB       | max-message-size: 2MiB
            POSTROAD_DELIVERER_ALLOW_LOCAL_EXCHANGERS       | false      | allow-local-exchangers: false
            POSTROAD_KAFKA_PROPERTIES__SASL_MECHANISM_      | PLAIN      | sasl.mechanism: PLAIN
            POSTROAD_NODE_OWN_NAMES | a.b,c.d    | own-names: [a.b, c.d]
            """)
    void theEnvironmentOverridesTheFile(String name, String value, String shown) {
        assertThat(shown(read(WHOLE, Map.of(name, value)))).contains(shown);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POSTROAD_RETRY_TIERS_0_               | 9s      | tiers: [9s]
            POSTROAD_INGRESS_LISTENERS_0__ADDRESS | [::1]:9 | - name: relay
            POSTROAD_DELIVERER_LIMITS_0__IDLE     | 1s      | destination: '*'
            POSTROAD_NODE_HOSTNAME                | ''      | postmaster: postmaster@
            """)
    void theEnvironmentOverridesDefaults(String name, String value, String shown) {
        assertThat(shown(read("", Map.of(name, value)))).contains(shown);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POSTROAD_RETRY_LIFETIME             | soon | soon is not a duration such as 30s, 5m, 4h or 5d
            POSTROAD_RETRY_TIERS_0_             | 1ms  | 1ms is not whole seconds, at least 1s
            POSTROAD_RETRY_TIERS_7_             | 1s   |
            POSTROAD_INGRESS_LISTENERS          | a    | a is not a list
            POSTROAD_KAFKA                      | a    |
            POSTROAD_KAFKA_PROPERTIES           | a    | a is not a section of keys and values
            """)
    void aFaultInTheEnvironmentNamesTheVariable(String name, String value, String fault) {
        assertThatThrownBy(() -> read("", Map.of(name, value)))
                .hasMessageStartingWith(name + " in the environment: ")
                .hasMessageContaining(fault == null ? "no such key" : fault);
    }

    @Test
    void aListenerCanComeFromTheEnvironmentAlone() {
        Configuration configuration = read(
                "ingress: {listeners: []}",
                Map.of("POSTROAD_INGRESS_LISTENERS_0__NAME", "x", "POSTROAD_INGRESS_LISTENERS_0__ADDRESS", "[::1]:9"));
        assertThat(configuration.ingress().listeners().get(0).name()).isEqualTo("x");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            foo: 1 | foo: no such key
            retry: {tier: [1s]} | retry.tier
            retry: {tiers: [1s, 2]} | retry.tiers[1]: 2 is not a duration
            retry: {tiers: [500ms]} | retry.tiers[0]: 500ms is not whole seconds
            retry: {tiers: [1s, 1s]} | retry.tiers: [1s, 1s] is not a list of different
            retry: {tiers: []} | retry.tiers: empty
            retry: {schedule: []} | retry.schedule: empty
            retry: {lifetime: soon} | retry.lifetime: soon is not a duration
            ingress: {max-message-size: 50Mi} | ingress.max-message-size: 50Mi is not a size
            ingress: {max-message-size: 2GiB} | ingress.max-message-size: 2GiB is not from 1B to 1GiB
            ingress: {inline-content-up-to: 1MiB} | ingress.inline-content-up-to: 1MiB is not at most 256KiB
            ingress: {listeners: [{address: "127.0.0.1:1"}]} | ingress.listeners[0].name: missing
            ingress: {listeners: [{name: a, address: "localhost:1"}]}             | ingress.listeners[0].address: localhost:1 is not
            ingress: {listeners: [{name: a, address: "127.0.0.1:1", tls: starttls}]} | starttls is not possible without ingress.certificates
            ingress: {listeners: [{name: a, address: "127.0.0.1:1", auth: offered}]} | offered is not possible without ingress.users-file
            ingress: {listeners: [{name: a, address: "127.0.0.1:1", role: mta}]} | ingress.listeners[0].role: mta is not one of
            ingress: {listeners: [{name: a, address: "127.0.0.1:1", accept-for: ["a b"]}]} | listeners[0].accept-for[0]: a b is not a domain
            ingress: {listeners: [{name: a, address: "127.0.0.1:1", proxy-from: [all]}]} | proxy-from[0]: all is not a network
            ingress: {users-file: u, listeners: [{name: a, address: "127.0.0.1:1", auth: required}]} | required is not possible without tls
            ingress: {listeners: [{name: a, address: "127.0.0.1:1", client-ca: c}]} | [0].client-ca: c is not possible without tls and auth
            ingress: {http-listeners: [{name: a, address: "127.0.0.1:1", tls: starttls}]} | starttls is not one of none, implicit
            ingress: {http-listeners: [{name: a, address: "127.0.0.1:1", tls: implicit}]} | implicit is not possible without
            ingress: {users-file: u, http-listeners: [{name: a, address: "127.0.0.1:1", auth: offered}]} | offered is not possible
            ingress: {http-listeners: [{name: a, address: "[::1]:1"}, {name: a, address: "[::1]:2"}]} | [1].name: a is not a name
            ingress: {certificates: [{certificate: c}]} | ingress.certificates[0].private-key: missing
            ingress: {listeners: [{name: a, address: "127.0.0.1:1", relay-from: [all]}]} | relay-from[0]: all is not a network
            router: {routes: [{domain: "a b", to: [x]}]} | router.routes[0].domain: a b is not a domain
            router: {routes: [{domain: a.b, to: ["x:y"]}]} | router.routes[0].to[0]: x:y is not an exchanger
            router: {routes: [{domain: a.b, to: [x], tls: sometimes}]}            | router.routes[0].tls: sometimes is not one of
            router: {dns-servers: [ns.example]} | router.dns-servers[0]: ns.example is not an address
            deliverer: {port: abc} | deliverer.port: abc is not a whole number
            deliverer: {port: 99999} | deliverer.port: 99999 is not a port
            deliverer: {allow-local-exchangers: maybe} | deliverer.allow-local-exchangers: maybe is not true or false
            deliverer: {limits: [{destination: "*", connections: 0}]}             | deliverer.limits[0].connections: 0 is not at least 1
            deliverer: {sources: [{name: a}, {name: b}]} | deliverer.sources[1].name: b is not used: only one source is, as yet
            deliverer: {sources: [{name: a, address: eth0}]} | deliverer.sources[0].address: eth0 is not a numeric
            deliverer: {sources: [{name: a, address-family: both}]} | sources[0].address-family: both is not one of any, ipv4, ipv6
            deliverer: {sources: [{name: a, address-family: [ipv4]}]} | deliverer.sources[0].address-family: [...] is not a single value
            deliverer: {sources: [{name: a, address: 192.0.2.1, address-family: ipv6}]} | ipv6 is not the family of its address
            deliverer: {sources: [{name: a, address: "2001:db8::1", address-family: ipv4}]} | ipv4 is not the family of its address
            {deliverer: {sources: [{name: a, address-family: ipv4}]}, router: {routes: [{domain: b, to: ["[::1]"]}]}} | is not an IPv4
            {deliverer: {sources: [{name: a, address: "::1"}]}, router: {routes: [{domain: b, to: [x, 192.0.2.1]}]}} | is not an IPv6
            deliverer: {drain-limit: 1h} | deliverer.drain-limit: 1h is not at most 10m
            node: {postmaster: nobody} | node.postmaster: nobody is not an address
            node: {postmaster: "a@b.test\\r\\nX-Header: x"} | node.postmaster
            node: {own-names: [mx.test, "a b"]} | node.own-names[1]: a b is not a host name
            node: {admin-address: "0.0.0.0:9471"} | node.admin-address: 0.0.0.0:9471 is not on loopback
            node: {metrics-address: "999.1.1.1:9470"} | node.metrics-address: 999.1.1.1:9470 is not a numeric address
            kafka: {topic-prefix: "post road"} | kafka.topic-prefix: post road is not up to 150 letters
            standalone: {kafka-port: 99999} | standalone.kafka-port: 99999 is not a port
            standalone: {kafka-port: -1} | standalone.kafka-port: -1 is not a port
            ingress: {max-message-size: 999999999999GiB} | ingress.max-message-size
            {retry: {lifetime: 1d}, retry: {lifetime: 2d}} | found duplicate key retry
            node: {hostname: "no name"} | node.hostname: no name is not a host name
            kafka: {topic-prefix: ""} | kafka.topic-prefix: empty
            foo | postroad.yaml: not a YAML file
            [1, 2] | postroad.yaml: not a YAML file
            a: [1 | postroad.yaml, line
            """)
    void aFaultNamesItsKeyItsValueAndWhatIsWanted(String yaml, String line) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(line)
                .hasMessageNotContaining("\n")
                .hasMessageNotContaining("SRCFG");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ingres: {} | ingres: no such key
            ingres: | ingres: no such key
            ingres: ~ | ingres: no such key
            ingres: [] | ingres: no such key
            ingres: [{a: 1}] | ingres: no such key
            ingres: "" | ingres: no such key
            ingres: {max-message-size: 1MiB} | ingres: no such key
            {ingres: {}, retri: []} | retri: no such key
            ingress: {listener: {}} | ingress.listener: no such key
            ingress: {listeners: [{name: a, address: "[::1]:1", rolle: }]} | ingress.listeners[0].rolle: no such key
            deliverer: {limits: [{destination: "*", idel: {}}]} | deliverer.limits[0].idel: no such key
            ingress.max-size: {} | ingress.max-size: no such key
            ingress..listeners: {} | ingress..listeners: no such key
            "": {} | "": no such key
            1: {} | 1: no such key
            ~: 1 | ~: no such key
            on: 1 | on: no such key
            2026-01-01: 1 | no such key
            ? [a, b] : c | {...}: no such key
            {x: &x {retry: {}}, retry: {}} | x: no such key
            {retry: {lifetime: 1d}, retry.lifetime: 2d} | retry.lifetime: no such key
            kafka: {properties: {a.b: 1, a: {b: 2}}} | found duplicate key kafka.properties.a.b
            kafka: {properties: {a: {}}} | kafka.properties.a: {} is not a single value
            kafka: {properties: {a: }} | kafka.properties.a: that is not a single value
            kafka: {properties: {1: 2}} | kafka.properties.1: not the name of a property
            kafka: {properties: &p {a: *p}} | is not a single value
            ingress: &i {listeners: *i} | ingress.listeners: {...} is not a list
            ingress: 5 | ingress: 5 is not a section
            ingress: [] | ingress: [] is not a section
            kafka: {properties: []} | kafka.properties: [] is not a section
            ingress: {max-message-size: {}} | ingress.max-message-size: {} is not a single value
            ingress: {max-message-size: []} | ingress.max-message-size: [] is not a single value
            ingress: {listeners: {}} | ingress.listeners: {} is not a list
            ingress: {listeners: 5} | ingress.listeners: 5 is not a list
            ingress: {listeners: [5]} | ingress.listeners[0]: 5 is not a section
            retry: {tiers: {}} | retry.tiers: {} is not a list
            retry: {tiers: [1s, ~]} | retry.tiers[1]: empty
            retry: {tiers: [[1s]]} | retry.tiers[0]: [...] is not a single value
            [] | postroad.yaml: not a YAML file of keys and values, but a list
            5 | postroad.yaml: not a YAML file of keys and values, but one value
            "" | postroad.yaml: not a YAML file of keys and values, but one value
            `ingress:\\n\\tlisteners: []` | postroad.yaml, line
            """)
    void anUnknownKeyIsNamedWhateverItsValue(String yaml, String line) {
        String file = yaml.replace("\\n", "\n").replace("\\t", "\t");
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(line)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "---",
                "# nothing",
                "{}",
                "~",
                "ingress:",
                "ingress: {}",
                "ingress: {listeners: }",
                "retry: {lifetime: 5d, }",
                "kafka: {properties: {a: {b: c}, d.e: f}}",
                "router: {routes: [{domain: a.b, to: &t [x]}, {domain: b.c, to: *t}]}"
            })
    void whatIsRightIsTaken(String yaml) {
        assertThat(read(yaml)).isNotNull();
    }

    @Test
    void aMisspeltNameInTheEnvironmentIsRefused() {
        assertThatThrownBy(() -> read("", Map.of("POSTROAD_KAFKA_BOOTSTRAP_SERVER", "h:1")))
                .hasMessageContaining("POSTROAD_KAFKA_BOOTSTRAP_SERVER");
    }

    @Test
    void whatKubernetesAddsToTheEnvironmentIsNotAKey() {
        assertThat(read(
                        "",
                        Map.of(
                                "POSTROAD_INGRESS_SERVICE_HOST",
                                "10.0.0.1",
                                "POSTROAD_INGRESS_PORT",
                                "tcp://10.0.0.1",
                                "POSTROAD_DELIVERER_PORT",
                                "tcp://10.0.0.1:25")))
                .isNotNull();
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> Configuration.load(Path.of("/no/such.yaml"), Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("cannot read the configuration /no/such.yaml: no such file");
    }

    @ParameterizedTest
    @CsvSource({"mail.example.org,mail.example.org", "laptop,localhost.localdomain", "10.1.2.3,localhost.localdomain"})
    void aMachineWithoutAFullNameGetsAWellFormedOne(String name, String hostname) {
        assertThat(Hostname.named(name)).isEqualTo(hostname);
    }

    /** The kubelet probes a pod from without, and Prometheus scrapes it so. */
    @Test
    void inAPodMetricsAndHealthAreForOthersUnlessAnAddressIsGiven() {
        Map<String, String> pod = Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1");
        assertThat(Addresses.text(read("", pod).metricsAddress())).isEqualTo("0.0.0.0:9470");
        assertThat(Addresses.text(
                        read("node: {metrics-address: \"127.0.0.1:9\"}", pod).metricsAddress()))
                .isEqualTo("127.0.0.1:9");
    }

    @ParameterizedTest
    @CsvSource({
        "mail,true",
        "localhost.localdomain,true",
        "postroad-deliverer-0.postroad-deliverer.postroad.svc.cluster.local,true",
        "ip-10-0-0-1.eu-central-1.compute.INTERNAL,true",
        "mail.example.org,false"
    })
    void aNameThatNobodyElseKnowsIsOdd(String name, boolean odd) {
        assertThat(read("node: {hostname: " + name + "}").oddHostname()).isEqualTo(odd ? name : null);
    }

    @Test
    void oneKeyOfOneListenerMayComeFromTheEnvironment() {
        assertThat(read("", Map.of("POSTROAD_INGRESS_LISTENERS_0__ADDRESS", "0.0.0.0:25"))
                        .ingress()
                        .listeners())
                .singleElement()
                .satisfies(listener -> {
                    assertThat(listener.name()).isEqualTo("relay");
                    assertThat(Addresses.text(listener.address())).isEqualTo("0.0.0.0:25");
                });
    }
}
