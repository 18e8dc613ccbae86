package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.config.Source;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.Route;
import org.postroad.schemas.Routes;
import org.postroad.schemas.TlsPolicy;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;
import org.postroad.testkit.ZoneDns;
import org.postroad.testkit.ZoneFault;

/** Exchangers with addresses of both families, from a host that has a way to one. */
class FamiliesFlowTest {
    private static final String A = "a@example.test";
    private static final int DOMAINS = 40;
    private static final int EXCHANGERS = 5;

    /** Five exchangers for each domain, each with its own IPv6 address, to which no system knows a way without an interface. */
    private static String zone() {
        StringBuilder zone = new StringBuilder();
        for (int domain = 0; domain < DOMAINS; domain++) {
            for (int i = 0; i < EXCHANGERS; i++) {
                String host = host(domain, i) + ". 60 IN ";
                zone.append(host).append("A 127.0.0.1\n");
                zone.append(host)
                        .append("AAAA fe80::")
                        .append(domain + 1)
                        .append(":")
                        .append(i + 1)
                        .append("\n");
            }
        }
        return zone.toString();
    }

    private static String host(int domain, int i) {
        return "mx" + i + ".d" + domain + ".test";
    }

    private static Deliveries to(int domain, int port) {
        List<Exchanger> equal = IntStream.range(0, EXCHANGERS)
                .mapToObj(i -> new Exchanger(host(domain, i), 10, port, TlsPolicy.OPPORTUNISTIC))
                .toList();
        return Deliveries.to(Routes.mx(equal), A).towards("d" + domain + ".test");
    }

    @Test
    void aHostWithoutIpv6DeliversAtTheFirstAttemptAndSoonDoesWithoutIpv6() throws Exception {
        try (ZoneDns dns = ZoneDns.start(zone());
                ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.asking(dns.address(), true)) {
            deliver(world, 0, DOMAINS / 2, exchanger.port());
            double before = failedConnections(world);
            deliver(world, DOMAINS / 2, DOMAINS, exchanger.port());
            assertThat(before).isBetween(1.0, 10.0);
            assertThat(failedConnections(world) - before)
                    .as("of 20 further domains")
                    .isLessThan(5);
        }
    }

    @ParameterizedTest
    @CsvSource({"IPV4,", "ANY, 127.0.0.1", "IPV4, 127.0.0.1"})
    void aSourceOfOneFamilyNeitherAsksForNorTriesTheOther(AddressFamily family, String address) throws Exception {
        InetAddress from = address == null ? null : InetAddress.getByName(address);
        Source source = new Source("default", "mail.sender.test", from, family);
        try (ZoneDns dns = ZoneDns.start(zone() + "six.test. 60 IN AAAA ::1\n");
                ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.sending(source, dns.address())) {
            deliver(world, 0, DOMAINS, exchanger.port());
            assertThat(failedConnections(world)).isZero();
            assertThat(dns.queries(host(0, 0), "AAAA")).isZero();
            Deliveries six = Deliveries.to(Deliveries.exchangers(exchanger.port(), "six.test", "::1"), A);
            assertThat(world.fates(six)).containsEntry(A, "bounced 550 5.4.4");
            Route configured =
                    Routes.configured(List.of(new Exchanger("::1", 0, exchanger.port(), TlsPolicy.OPPORTUNISTIC)));
            assertThat(world.fates(Deliveries.to(configured, A).towards("configured.test")))
                    .containsEntry(A, "deferred 451 4.4.4");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ANY, , ANY",
        "IPV4, , IPV4",
        "IPV6, , IPV6",
        "ANY, 192.0.2.1, IPV4",
        "ANY, 2001:db8::1, IPV6",
        "ANY, 0.0.0.0, IPV4",
        "ANY, ::, ANY",
        "IPV4, ::, IPV4"
    })
    void anAddressOfOneFamilyReachesThatFamily(AddressFamily family, String address, AddressFamily reached)
            throws Exception {
        InetAddress from = address == null ? null : InetAddress.getByName(address);
        assertThat(new Source("default", "mail.sender.test", from, family).reaches())
                .isEqualTo(reached);
    }

    /** Half of the name servers are silent; the exchangers' names are all new. */
    @Test
    void aSilentNameServerHoldsUpTheFirstMailsAndNoOthers() throws Exception {
        try (ZoneDns silent = ZoneDns.start("");
                ZoneDns dns = ZoneDns.start(zone());
                ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.sending(
                        new Source("default", "mail.sender.test", null, AddressFamily.IPV4),
                        silent.address(),
                        dns.address())) {
            silent.failAll(ZoneFault.Kind.SILENCE);
            deliver(world, 0, 1, exchanger.port());
            int asked = silent.queries();
            deliver(world, 1, DOMAINS, exchanger.port());
            assertThat(silent.queries()).isEqualTo(asked);
        }
    }

    private static void deliver(FakeWorld world, int from, int to, int port) throws Exception {
        for (int domain = from; domain < to; domain++) {
            assertThat(world.fates(to(domain, port))).containsEntry(A, "delivered 250 2.0.0");
        }
    }

    private static double failedConnections(FakeWorld world) {
        Double count = world.metrics.getSampleValue(
                "postroad_deliverer_reply_seconds_count",
                new String[] {"stage", "result"},
                new String[] {"connect", "failed"});
        return count == null ? 0 : count;
    }
}
