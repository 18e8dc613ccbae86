package org.postroad.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.router.MxAnswer.Hosts;
import org.postroad.router.MxAnswer.MxHost;
import org.postroad.router.MxAnswer.NameOnly;
import org.postroad.router.MxAnswer.NoSuchName;
import org.postroad.router.MxAnswer.Unanswered;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;
import org.postroad.schemas.policy.StandingPolicy;

class RouteBookTest {
    private final CollectorRegistry registry = new CollectorRegistry();
    private final HeldLookups lookups = new HeldLookups();
    private final RouteBook book = new RouteBook(
            new RoutePlan(Mails.config(Path.of("unused"), List.of(), List.of())), lookups, new RouterMetrics(registry));
    private final List<String> heard = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({"0, 30, 30", "45, 45, 45", "600, 600, 300", "2147483647, 3600, 300"})
    void anAnswerLivesAsLongAsDnsSaysWithinReason(long ttl, long positive, long negative) {
        MxAnswer hosts = new Hosts(List.of(new MxHost("a.example", 1)), ttl);
        assertThat(RouteBook.lifetimeMillis(hosts)).isEqualTo(positive * 1_000);
        assertThat(RouteBook.lifetimeMillis(new NameOnly(ttl))).isEqualTo(negative * 1_000);
        assertThat(RouteBook.lifetimeMillis(new NoSuchName(ttl))).isEqualTo(negative * 1_000);
    }

    @Test
    void aFailureIsForgottenWithinSeconds() {
        assertThat(RouteBook.lifetimeMillis(new Unanswered("x", false))).isBetween(5_000L, 10_000L);
    }

    @Test
    void oneAnswerReachesEveryoneWhoWaits() {
        book.ask("a.example", (domain, found) -> heard.add("first"), 0);
        book.ask("a.example", (domain, found) -> heard.add("second"), 0);
        assertThat(inFlight()).isEqualTo(1);
        lookups.answer("a.example", new NameOnly(60));
        assertThat(heard).isEmpty();
        book.collect(10);
        assertThat(heard).containsExactly("first", "second");
        assertThat(inFlight()).isZero();
        assertThat(book.known("a.example", 59_000)).isNotNull();
        assertThat(book.known("a.example", 60_010)).isNull();
    }

    @Test
    void aTaskThatIsGoneHearsNothing() {
        RouteBook.Waiter gone = (domain, found) -> heard.add("gone");
        book.ask("a.example", gone, 0);
        book.forget(gone);
        lookups.answer("a.example", new NameOnly(60));
        book.collect(10);
        assertThat(heard).isEmpty();
    }

    @Test
    void anAnswerAfterTheTimeLimitChangesNothing() {
        book.ask(
                "a.example",
                (domain, found) -> heard.add(found.route().getKind().name()),
                0);
        book.collect(RouteBook.LOOKUP_LIMIT_MILLIS - 1);
        assertThat(heard).isEmpty();
        book.collect(RouteBook.LOOKUP_LIMIT_MILLIS);
        lookups.answer("a.example", new NameOnly(60));
        book.collect(RouteBook.LOOKUP_LIMIT_MILLIS + 1);
        assertThat(heard).containsExactly("LOOKUP_FAILED");
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 5_000, 50_000})
    void newDomainsFindAPlaceHoweverManyAreSilent(int silent) {
        long now = 0;
        int next = 0;
        while (now < 10_000) { // those that wait are asked for by and by, as a sweep does
            book.collect(now);
            for (int i = 0; i < 10 && next < silent; i++) {
                next += book.askAgain("silent" + next + ".example", waiter(), now) ? 1 : 0;
            }
            now += 10;
            String healthy = "healthy" + now + ".example";
            assertThat(book.ask(healthy, waiter(), now)).as(healthy).isTrue();
            lookups.answer(healthy, new NameOnly(60));
            book.collect(now);
            assertThat(heard).as(healthy).contains(healthy);
            heard.clear();
        }
        assertThat(lookups.openCount()).isLessThanOrEqualTo(RouteBook.FRESH_LOOKUPS + RouteBook.SLOW_LOOKUPS);
    }

    @Test
    void lookupsInFlightAreBounded() {
        for (int i = 0; i < 10 * RouteBook.FRESH_LOOKUPS; i++) {
            book.ask("d" + i + ".example", waiter(), i);
        }
        assertThat(lookups.openCount()).isEqualTo(RouteBook.FRESH_LOOKUPS + RouteBook.SLOW_LOOKUPS);
    }

    @Test
    void whatFailedLastTimeTakesNoPlaceFromOthers() {
        for (int i = 0; i < RouteBook.FRESH_LOOKUPS; i++) {
            book.ask("d" + i + ".example", waiter(), 0);
            lookups.answer("d" + i + ".example", new Unanswered("x", false));
        }
        book.collect(0);
        for (int i = 0; i < RouteBook.FRESH_LOOKUPS; i++) {
            assertThat(book.ask("d" + i + ".example", waiter(), 10_000)).isTrue();
        }
        assertThat(book.ask("new.example", waiter(), 10_000)).isTrue();
    }

    @Test
    void whatIsKnownIsBoundedWhateverTheAnswersAreLike() {
        KnownRoutes known = new KnownRoutes();
        RoutePlan plan = new RoutePlan(Mails.config(Path.of("unused"), List.of(), List.of()));
        List<MxHost> many = IntStream.range(0, 90)
                .mapToObj(i -> new MxHost("mx" + i + ".example", i))
                .toList();
        for (int i = 0; i < 5_000; i++) {
            known.put("d" + i + ".example", plan.answered("d" + i + ".example", new Hosts(many, 60)), 1_000);
            known.put("d" + i + ".example", plan.answered("d" + i + ".example", new Hosts(many, 60)), 1_000);
        }
        assertThat(known.size()).isBetween(KnownRoutes.ENTRIES / 2, KnownRoutes.ENTRIES);
        assertThat(known.get("d4999.example", 0)).isNotNull();
        assertThat(known.get("d0.example", 0)).isNull();
    }

    @Test
    void anotherPlanChangesWhatIsKnownAndAsksNobodyAgain() {
        CurrentPlan plans = new CurrentPlan(plan());
        RouteBook following = new RouteBook(plans, lookups, new RouterMetrics(new CollectorRegistry()));
        answered(following, "a.example", new Hosts(List.of(new MxHost("mx.big.example", 1)), 60));
        answered(following, "b.example", new Hosts(List.of(new MxHost("mx.b.example", 1)), 60));
        answered(following, "c.example", new NoSuchName(60));
        plans.replace(plan(
                RouteRulesTest.policy(Aspect.ROLL_UP, "big.example destination=big"),
                RouteRulesTest.policy(Aspect.ROUTE, "b.example to=relay.example")));
        assertThat(found(following, "a.example", 1).destination())
                .as("until it follows")
                .isEqualTo("a.example");
        following.follow();
        assertThat(found(following, "a.example", 1).destination()).isEqualTo("big");
        assertThat(kind(following, "b.example", 1)).isEqualTo(RouteKind.CONFIGURED);
        assertThat(kind(following, "b.example", 600_000))
                .as("for as long as it holds")
                .isEqualTo(RouteKind.CONFIGURED);
        assertThat(kind(following, "c.example", 1)).isEqualTo(RouteKind.NO_SUCH_DOMAIN);
        assertThat(following.known("a.example", 60_001))
                .as("as long as DNS said")
                .isNull();

        plans.replace(plan());
        following.follow();
        assertThat(found(following, "a.example", 1).destination()).isEqualTo("a.example");
        assertThat(following.known("b.example", 1)).as("DNS is asked").isNull();
    }

    @Test
    void whatIsNotAboutWaysChangesNoPlan() {
        StandingPolicy route = RouteRulesTest.policy(Aspect.ROUTE, "b.example to=relay.example");
        RoutePlan first = plan(route);
        CurrentPlan plans = new CurrentPlan(first);
        plans.replace(plan(route, RouteRulesTest.policy(Aspect.LIMIT, "b.example connections=1")));
        assertThat(plans.get()).as("nothing is looked through again").isSameAs(first);
        RoutePlan other = plan(RouteRulesTest.policy(Aspect.ROUTE, "b.example to=other.example"));
        plans.replace(other);
        assertThat(plans.get()).isSameAs(other);
        plans.replace(plan());
        assertThat(plans.get()).isNotSameAs(other);
    }

    @Test
    void whoWaitsForDnsGoesTheWayThatTheOperatorNamesMeanwhile() {
        CurrentPlan plans = new CurrentPlan(plan());
        RouteBook following = new RouteBook(plans, lookups, new RouterMetrics(new CollectorRegistry()));
        following.ask(
                "silent.example",
                (domain, found) -> heard.add(found.route().getKind().name()),
                0);
        following.ask("other.example", (domain, found) -> heard.add("other"), 0);
        plans.replace(plan(RouteRulesTest.policy(Aspect.ROUTE, "silent.example to=relay.example")));
        following.follow();
        assertThat(heard).containsExactly("CONFIGURED");
        lookups.answer("silent.example", new NoSuchName(60));
        following.collect(10);
        assertThat(heard).as("the answer comes too late").containsExactly("CONFIGURED");
        assertThat(kind(following, "silent.example", 20)).isEqualTo(RouteKind.CONFIGURED);
    }

    private static RouteKind kind(RouteBook asked, String domain, long nowMillis) {
        return found(asked, domain, nowMillis).route().getKind();
    }

    private static DomainRoute found(RouteBook asked, String domain, long nowMillis) {
        return Objects.requireNonNull(asked.known(domain, nowMillis));
    }

    private void answered(RouteBook asked, String domain, MxAnswer answer) {
        asked.ask(domain, waiter(), 0);
        lookups.answer(domain, answer);
        asked.collect(0);
    }

    private static RoutePlan plan(StandingPolicy... policies) {
        return new RoutePlan(
                Mails.config(Path.of("unused"), List.of(), List.of()),
                new Policies(List.of(policies)),
                new IgnoredPolicies());
    }

    private RouteBook.Waiter waiter() {
        return (domain, found) -> heard.add(domain);
    }

    private double inFlight() {
        return registry.getSampleValue("postroad_router_lookups_in_flight");
    }
}
