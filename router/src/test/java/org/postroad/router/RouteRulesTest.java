package org.postroad.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.router.RouterConfig.ConfiguredRoute;
import org.postroad.router.RouterConfig.RollUp;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.HostAndPort;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.TlsPolicy;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;
import org.postroad.schemas.policy.StandingPolicy;

class RouteRulesTest {
    private static final ConfiguredRoute OWN = route("own.test", TlsPolicy.VERIFIED, "a.test");
    private static final ConfiguredRoute EVERY = route("*", TlsPolicy.REQUIRED, "hub.test");

    /** Which route holds for a domain, and who decided it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-                                      | own.test | verified a.test      | -",
                "-                                      | any.test | required hub.test    | -",
                "own.test to=b.test                     | own.test | verified b.test      | route:own.test",
                "own.test to=b.test;tls=none            | own.test | none b.test          | route:own.test",
                "own.test tls=none                      | own.test | none a.test          | route:own.test",
                "any.test to=b.test:26, 192.0.2.1       | any.test | required b.test:26,192.0.2.1 | route:any.test",
                "any.test to=b.test:26, 192.0.2.1       | own.test | verified a.test      | -",
                "* to=b.test                            | any.test | required b.test      | route:*",
                "* to=b.test                            | own.test | verified a.test      | -",
                "OWN.Test. to=b.test                    | own.test | verified b.test      | route:OWN.Test.",
                "own.test to=                           | own.test | verified a.test      | -",
                "own.test to=b.test;tls=dane            | own.test | verified a.test      | -",
                "a..b to=b.test                         | own.test | verified a.test      | -",
            })
    void theFileDecidesWhatNoPolicySets(
            @Nullable String policy, String domain, String holds, @Nullable String decided) {
        List<StandingPolicy> policies = new ArrayList<>();
        if (policy != null) {
            policies.add(policy(Aspect.ROUTE, policy));
        }
        RouteRules rules = rules(List.of(OWN, EVERY), List.of(), policies);
        assertThat(text(rules, domain)).isEqualTo(holds);
        StandingPolicy by = Objects.requireNonNull(rules.decidedRoute(domain)).policy();
        assertThat(by == null ? null : by.key()).isEqualTo(decided);
    }

    @Test
    void withoutARouteInTheFileAPolicyNamesExchangers() {
        List<StandingPolicy> policies =
                List.of(policy(Aspect.ROUTE, "a.test to=b.test"), policy(Aspect.ROUTE, "b.test tls=none"));
        RouteRules rules = rules(List.of(), List.of(), policies);
        assertThat(text(rules, "a.test")).isEqualTo("opportunistic b.test");
        assertThat(rules.routeOf("b.test")).isNull();
        assertThat(rules.routeOf("c.test")).isNull();
    }

    @Test
    void aPolicyAboutOneDomainGoesOverThatAboutEvery() {
        List<StandingPolicy> policies =
                List.of(policy(Aspect.ROUTE, "a.test tls=none"), policy(Aspect.ROUTE, "* to=hub2.test"));
        RouteRules rules = rules(List.of(EVERY), List.of(), policies);
        assertThat(text(rules, "a.test")).isEqualTo("none hub2.test");
        assertThat(text(rules, "b.test")).isEqualTo("required hub2.test");
    }

    @ParameterizedTest
    @CsvSource({
        "mx.google.com, google",
        "google.com, google",
        "mx.l.google.com, l",
        "mx.m.l.google.com, m",
        "mx.yahoo.com, y2",
        "notgoogle.com, -"
    })
    void theLongestSuffixWithAPolicyGoesFirst(String exchanger, String destination) {
        List<StandingPolicy> policies = List.of(
                policy(Aspect.ROLL_UP, "l.google.com destination=l"),
                policy(Aspect.ROLL_UP, "m.l.google.com destination=m"),
                policy(Aspect.ROLL_UP, "YAHOO.com destination=y2"),
                policy(Aspect.ROLL_UP, "google.com destination="),
                policy(Aspect.ROLL_UP, "com destination=" + "x".repeat(256)),
                policy(Aspect.ROLL_UP, "a..b destination=x"));
        List<RollUp> file = List.of(new RollUp("google.com", "google"), new RollUp("yahoo.com", "y1"));
        Optional<String> found = rules(List.of(), file, policies)
                .decidedRollUp(exchanger)
                .map(decided -> decided.rule().destination());
        assertThat(found.orElse("-")).isEqualTo(destination);
    }

    private static RouteRules rules(List<ConfiguredRoute> routes, List<RollUp> rollUps, List<StandingPolicy> policies) {
        return new RouteRules(routes, rollUps, new Policies(policies), new IgnoredPolicies());
    }

    private static ConfiguredRoute route(String domain, TlsPolicy tls, String host) {
        return new ConfiguredRoute(domain, List.of(new Exchanger(host, 0, 0, tls)));
    }

    private static String text(RouteRules rules, String domain) {
        ConfiguredRoute route = Objects.requireNonNull(rules.routeOf(domain));
        List<String> to = route.to().stream()
                .map(exchanger -> new HostAndPort(exchanger.getHost(), exchanger.getPort()).toString())
                .toList();
        List<TlsPolicy> terms =
                route.to().stream().map(Exchanger::getTls).distinct().toList();
        assertThat(terms).hasSize(1);
        return Ascii.lower(terms.get(0).name()) + " " + String.join(",", to);
    }

    static StandingPolicy policy(Aspect aspect, String words) {
        int space = words.indexOf(' ');
        Map<String, String> settings = new TreeMap<>();
        for (String setting : words.substring(space + 1).split(";")) {
            settings.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        return new StandingPolicy(aspect, words.substring(0, space), settings, "", "", 0, Long.MAX_VALUE);
    }
}
