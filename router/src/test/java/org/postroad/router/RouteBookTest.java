package org.postroad.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        book.ask("a.example", (domain, hop) -> heard.add("first"), 0);
        book.ask("a.example", (domain, hop) -> heard.add("second"), 0);
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
        RouteBook.Waiter gone = (domain, hop) -> heard.add("gone");
        book.ask("a.example", gone, 0);
        book.forget(gone);
        lookups.answer("a.example", new NameOnly(60));
        book.collect(10);
        assertThat(heard).isEmpty();
    }

    @Test
    void anAnswerAfterTheTimeLimitChangesNothing() {
        book.ask("a.example", (domain, hop) -> heard.add(hop.route().getKind().name()), 0);
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

    private RouteBook.Waiter waiter() {
        return (domain, hop) -> heard.add(domain);
    }

    private double inFlight() {
        return registry.getSampleValue("postroad_router_lookups_in_flight");
    }
}
