package org.postroad.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.router.MxAnswer.Hosts;
import org.postroad.router.MxAnswer.MxHost;
import org.postroad.router.MxAnswer.NameOnly;
import org.postroad.router.MxAnswer.NoSuchName;
import org.postroad.router.MxAnswer.Unanswered;
import org.postroad.router.RouterConfig.ConfiguredRoute;
import org.postroad.router.RouterConfig.RollUp;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.Route;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.Routes;
import org.postroad.schemas.TlsPolicy;

class RoutePlanTest {
    private static final Path STATE = Path.of("unused");
    private final RoutePlan plan = new RoutePlan(Mails.config(STATE, List.of(), List.of()));

    /** MX hosts as "preference name, ...", "." for the root; the route as its branch and hosts. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    20 b.example, 10 a.example             | MX a.example b.example
                    10 b.example, 10 a.example             | MX b.example a.example
                    10 A.Example, 10 a.example             | MX a.example
                    0 .                                    | NULL_MX
                    0 ., 0 .                               | NULL_MX
                    0 ., 10 a.example                      | MX a.example
                    10 192.0.2.1                           | LOOKUP_FAILED
                    10 192.0.2.1, 20 a.example             | MX a.example
                    10 -bad-.example, 20 a.example         | MX a.example
                    10 a.example, 20 mail.example          | MX a.example
                    10 a.example, 10 MAIL.example, 10 c.example, 5 d.example | MX d.example
                    10 mx.our.example, 20 a.example        | LOOP mx.our.example
                    10 mail.example                        | LOOP mail.example
                    """)
    void readsAnAnswer(String hosts, String route) {
        assertThat(text(plan.answered("some.example", hosts(hosts)).route())).isEqualTo(route);
    }

    @Test
    void aDomainWithoutMxIsItsOwnExchanger() {
        DomainRoute found = plan.answered("some.example", new NameOnly(60));
        assertThat(found.route().getExchangers())
                .containsExactly(new Exchanger("some.example", 0, 0, TlsPolicy.OPPORTUNISTIC));
    }

    @Test
    void ourOwnNameWithoutMxIsALoop() {
        assertThat(plan.answered("mx.our.example", new NameOnly(60)).route())
                .isEqualTo(Routes.nowhere(RouteKind.LOOP, "mx.our.example"));
    }

    @Test
    void tellsNoFromPerhaps() {
        assertThat(plan.answered("some.example", new NoSuchName(60)).route())
                .isEqualTo(Routes.nowhere(RouteKind.NO_SUCH_DOMAIN, ""));
        assertThat(plan.answered("some.example", new Unanswered("SERVFAIL", false))
                        .route())
                .isEqualTo(Routes.nowhere(RouteKind.LOOKUP_FAILED, "SERVFAIL"));
    }

    @Test
    void whatDnsSaysOfAFailureIsCutToWhatARecordHasRoomFor() {
        Route route = plan.answered("some.example", new Unanswered("x".repeat(2_000_000), true))
                .route();
        assertThat(route.getWords()).hasSize(Caps.REPLY_TEXT_OCTETS);
    }

    @Test
    void keepsAsManyExchangersAsARecordHasRoomFor() {
        List<MxHost> many = new ArrayList<>();
        for (int i = 500; i > 0; i--) {
            many.add(new MxHost("h" + i + ".example", i));
        }
        Route route = plan.answered("some.example", new Hosts(many, 60)).route();
        assertThat(route.getExchangers()).hasSize(Caps.EXCHANGERS);
        assertThat(route.getExchangers().get(0).getHost()).isEqualTo("h1.example");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    [192.0.2.1]                  | MX 192.0.2.1
                    [ipv6:2001:db8::1]           | MX 2001:db8::1
                    [192.0.2.77]                 | LOOP 192.0.2.77
                    [127.0.0.1]                  | LOOP 127.0.0.1
                    [0.0.0.0]                    | LOOP 0.0.0.0
                    [ipv6:::1]                   | LOOP ::1
                    [ipv6:::ffff:127.0.0.1]      | LOOP ::ffff:127.0.0.1
                    [192.0.2]                    | NO_SUCH_DOMAIN
                    [192.0.2.256]                | NO_SUCH_DOMAIN
                    [2001:db8::1]                | NO_SUCH_DOMAIN
                    [x-what:ever]                | NO_SUCH_DOMAIN
                    """)
    void anAddressLiteralIsItsOwnRoute(String domain, String route) {
        DomainRoute found = plan.withoutDns(domain);
        assertThat(found).isNotNull();
        assertThat(text(found.route())).isEqualTo(route);
    }

    @Test
    void aNameNeedsDns() {
        assertThat(plan.withoutDns("some.example")).isNull();
    }

    @Test
    void aMissingDomainIsAFaultOfOursAndNoBounce() {
        DomainRoute found = plan.withoutDns("");
        assertThat(found).isNotNull();
        assertThat(found.route().getKind()).isEqualTo(RouteKind.FAULT);
    }

    @Test
    void theFirstConfiguredRouteWins() {
        List<ConfiguredRoute> routes = List.of(
                Mails.route("a.example", "one.test"),
                Mails.route("a.example", "two.test"),
                Mails.route("*", "every.test"),
                Mails.route("b.example", "late.test"));
        RoutePlan configured = new RoutePlan(Mails.config(STATE, routes, List.of()));
        assertThat(Stream.of("a.example", "b.example", "[192.0.2.1]")
                        .map(domain -> text(Objects.requireNonNull(configured.withoutDns(domain))
                                .route())))
                .containsExactly("CONFIGURED one.test", "CONFIGURED every.test", "CONFIGURED every.test");
    }

    @Test
    void rollsUpByTheBestExchanger() {
        List<RollUp> rollUps = List.of(new RollUp("google.com", "google"), new RollUp(".outlook.test", "outlook"));
        RoutePlan rolling = new RoutePlan(Mails.config(STATE, List.of(), rollUps));
        assertThat(Stream.of(
                                "10 aspmx.l.google.com, 20 x.example",
                                "10 notgoogle.com",
                                "10 x.example, 20 aspmx.l.google.com",
                                "10 a.outlook.test")
                        .map(hosts ->
                                rolling.answered("some.example", hosts(hosts)).destination()))
                .containsExactly("google", "some.example", "some.example", "outlook");
    }

    private static Hosts hosts(String text) {
        return new Hosts(
                Stream.of(text.split(", "))
                        .map(host -> host.split(" "))
                        .map(host -> new MxHost(host[1].equals(".") ? "" : host[1], Integer.parseInt(host[0])))
                        .toList(),
                60);
    }

    private static String text(Route route) {
        String rest = route.getKind() == RouteKind.LOOP ? route.getWords() : names(route.getExchangers());
        return (route.getKind() + " " + rest).trim();
    }

    private static String names(List<Exchanger> exchangers) {
        return String.join(" ", exchangers.stream().map(Exchanger::getHost).toList());
    }
}
