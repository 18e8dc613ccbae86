package org.postroad.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.postroad.router.MxAnswer.Hosts;
import org.postroad.router.MxAnswer.MxHost;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.Route;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;
import org.postroad.schemas.policy.StandingPolicy;
import org.xbill.DNS.Address;

/**
 * What decides where mail goes, a line each: {@code route SUBJECT name=value ...} and {@code roll-up} for policies, {@code mx NAME} for a
 * host that DNS has, and anything else for the domain of a recipient.
 */
class RoutePlanFuzzTest {
    private static final RouterConfig FILE = Mails.config(Path.of("unused"), List.of(), List.of());

    @FuzzTest(maxDuration = "2m")
    void everyRouteCanBeGoneAndIsTheSameByTheSamePlan(byte[] octets) {
        Map<String, StandingPolicy> policies = new TreeMap<>();
        List<MxHost> hosts = new ArrayList<>();
        List<String> domains = new ArrayList<>();
        for (String line : new String(octets, UTF_8).split("\n", -1)) {
            String[] words = line.split(" ", -1);
            Aspect aspect = Aspect.of(words[0]);
            if (aspect != null && words.length > 1) {
                StandingPolicy policy = policy(aspect, words);
                policies.put(policy.key(), policy);
            } else if (words[0].equals("mx") && words.length > 1) {
                hosts.add(new MxHost(words[1], words.length));
            } else {
                domains.add(Domain.canonical(line));
            }
        }
        RoutePlan plan = new RoutePlan(FILE, new Policies(List.copyOf(policies.values())), IgnoredPolicies.untold());
        for (String domain : domains) {
            DomainRoute known = plan.withoutDns(domain);
            DomainRoute route = known == null ? plan.answered(domain, new Hosts(hosts, 60)) : known;
            isSound(route.route(), domain);
            DomainRoute again = plan.again(domain, route);
            assertThat(again).isNotNull();
            assertThat(again.route()).isEqualTo(route.route());
            assertThat(again.destination()).isEqualTo(route.destination());
        }
    }

    private static void isSound(Route route, String domain) {
        boolean hasWay = route.getKind() == RouteKind.CONFIGURED || route.getKind() == RouteKind.MX;
        assertThat(route.getExchangers()).hasSizeBetween(hasWay ? 1 : 0, hasWay ? Caps.EXCHANGERS : 0);
        for (Exchanger exchanger : route.getExchangers()) {
            assertThat(exchanger.getHost()).isNotEmpty();
            assertThat(exchanger.getPort()).isBetween(0, 65_535);
            if (route.getKind() == RouteKind.MX) {
                isNowhereOfOurs(exchanger.getHost(), domain);
            }
        }
    }

    /** A stranger names these: none is one of this host's, and an address only where the recipient has it. */
    private static void isNowhereOfOurs(String host, String domain) {
        byte[] octets = Address.toByteArray(host, Address.IPv4);
        octets = octets == null ? Address.toByteArray(host, Address.IPv6) : octets;
        assertThat(host).isNotIn("mail.example", "mx.our.example");
        if (octets != null) {
            assertThat(domain).contains(host);
            try {
                InetAddress address = InetAddress.getByAddress(octets);
                assertThat(address.isLoopbackAddress() || address.isAnyLocalAddress())
                        .isFalse();
                assertThat(address.getHostAddress()).isNotEqualTo("192.0.2.77");
            } catch (java.net.UnknownHostException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static StandingPolicy policy(Aspect aspect, String[] words) {
        Map<String, String> settings = new TreeMap<>();
        for (int i = 2; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            settings.put(equals < 0 ? words[i] : words[i].substring(0, equals), words[i].substring(equals + 1));
        }
        return new StandingPolicy(aspect, words[1], settings, "why", "who", 0L, Long.MAX_VALUE);
    }
}
