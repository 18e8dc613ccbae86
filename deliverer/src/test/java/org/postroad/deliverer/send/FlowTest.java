package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.config.Limit;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.fate.RoutePolicy;
import org.postroad.schemas.Route;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.Routes;
import org.postroad.testkit.Effect;
import org.postroad.testkit.Point;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;
import org.postroad.testkit.ZoneDns;
import org.postroad.testkit.ZoneFault;

/** Many messages over few connections, TLS, names, and partitions that come and go. */
class FlowTest {
    private static final String A = "a@example.test";

    /** The exchanger may accept a connection before it has read the end of the one that it replaces. */
    private static final int JUST_REPLACED = 1;

    private static final String DELIVERED = "delivered 250 2.0.0";
    private static final Effect TAKEN = Effect.reply("250 2.0.0 taken");

    @Test
    void reusesAConnectionForAsManyMessagesAsTheLimitAllows() throws Exception {
        Limit limit = new Limit("*", 1, 20, Duration.ofSeconds(5));
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.limited(limit)) {
            world.send(to(exchanger), 100);
            assertThat(fates(world.next(100))).containsOnly(DELIVERED);
            assertThat(exchanger.counts().connections()).isEqualTo(5);
            assertThat(exchanger.transcript(1)).contains("C: QUIT").doesNotContain("C: RSET");
        }
    }

    @Test
    void aConnectionThatStaysOpenKeepsNothingOfTheMailItHasSent() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(1))) {
            List<WeakReference<OpenDelivery>> sent = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                sent.add(new WeakReference<>(world.send(to(exchanger))));
                world.next();
            }
            long end = System.nanoTime() + FakeWorld.PATIENCE.toNanos();
            while (sent.subList(0, 2).stream().anyMatch(mail -> mail.get() != null) && System.nanoTime() < end) {
                System.gc();
            }
            assertThat(sent.subList(0, 2)).allMatch(mail -> mail.get() == null);
            assertThat(exchanger.counts().connections()).isOne();
        }
    }

    @Test
    void aConnectionLostAtADotCostsOneDoubtAndTheRiderNothing() throws Exception {
        AtomicInteger dots = new AtomicInteger();
        Effect at40 = wire -> (dots.incrementAndGet() == 40 ? Effect.close() : TAKEN).play(wire);
        try (ScriptedExchanger exchanger =
                        ScriptedExchanger.start(Script.accepting().at(Point.DOT, at40));
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(1))) {
            world.send(to(exchanger), 100);
            List<String> fates = fates(world.next(100));
            assertThat(fates).containsOnlyOnce("in doubt 451 4.4.2");
            assertThat(fates).filteredOn(DELIVERED::equals).hasSize(99);
            assertThat(exchanger.mails()).hasSize(99);
        }
    }

    @Test
    void anExchangerThatClosesAfterEachMessageGetsAllMail() throws Exception {
        Script script = Script.accepting().at(Point.DOT, TAKEN.then(Effect.close()));
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(2))) {
            world.send(to(exchanger), 100);
            assertThat(fates(world.next(100))).containsOnly(DELIVERED);
        }
    }

    @Test
    void an421ToARiderPutsItBack() throws Exception {
        AtomicInteger mails = new AtomicInteger();
        Effect every30 = wire -> (mails.incrementAndGet() % 30 == 0
                        ? Effect.reply("421 4.7.0 enough for one connection").then(Effect.close())
                        : Effect.reply("250 2.1.0 ok"))
                .play(wire);
        try (ScriptedExchanger exchanger =
                        ScriptedExchanger.start(Script.accepting().at(Point.MAIL, every30));
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(1))) {
            world.send(to(exchanger), 100);
            assertThat(fates(world.next(100))).containsOnly(DELIVERED);
        }
    }

    @Test
    void judgesWhatTheRouterFound() throws Exception {
        Map<Route, String> routes = Map.of(
                Routes.nowhere(RouteKind.NULL_MX, ""), "bounced 556 5.1.10",
                Routes.nowhere(RouteKind.NO_SUCH_DOMAIN, ""), "bounced 550 5.1.2",
                Routes.nowhere(RouteKind.LOOKUP_FAILED, "SERVFAIL"), "deferred 451 4.4.3",
                Routes.nowhere(RouteKind.FAULT, "bug"), "faulted",
                Routes.nowhere(RouteKind.LOOP, "mx.sender.test"), "bounced 554 5.4.6",
                Routes.nowhere(RouteKind.UNKNOWN, ""), "untried");
        try (FakeWorld world = FakeWorld.start()) {
            for (Map.Entry<Route, String> route : routes.entrySet()) {
                assertThat(world.fates(Deliveries.to(route.getKey(), A))).isEqualTo(Map.of(A, route.getValue()));
            }
            long hourAgo = System.currentTimeMillis() - RoutePolicy.ROUTE_LIFE.toMillis() - 1;
            assertThat(world.fates(Deliveries.to(Routes.nowhere(RouteKind.NULL_MX, ""), A)
                            .routedAt(hourAgo)))
                    .isEqualTo(Map.of(A, "untried"));
        }
    }

    @Test
    void aRouteThatIsTooOldAlthoughItIsFreshIsUsedSinceClocksDiffer() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.start()) {
            for (Duration apart : List.of(Duration.ofHours(1), Duration.ofDays(1), Duration.ofDays(400))) {
                long routedAt = System.currentTimeMillis() - apart.toMillis() - 1;
                Deliveries delivery = to(exchanger).routedAt(routedAt).expiring(Long.MAX_VALUE);
                assertThat(world.fates(delivery)).containsEntry(A, "untried");
                assertThat(world.fates(delivery.rerouted(1))).containsEntry(A, DELIVERED);
                assertThat(world.fates(delivery.rerouted(7))).containsEntry(A, DELIVERED);
            }
            assertThat(oldRoutes(world, "routed_again")).isEqualTo(3);
            assertThat(oldRoutes(world, "used")).isEqualTo(6);
            long ahead = System.currentTimeMillis() + Duration.ofHours(5).toMillis();
            assertThat(world.fates(to(exchanger).routedAt(ahead))).containsEntry(A, DELIVERED);
        }
    }

    private static double oldRoutes(FakeWorld world, String then) {
        return world.metrics.getSampleValue(
                "postroad_deliverer_old_routes_total", new String[] {"then"}, new String[] {then});
    }

    @Test
    void asksDnsForTheExchangersAddresses() throws Exception {
        String zone = "mx1.test. 60 IN A 127.0.0.1\nmx2.test. 60 IN AAAA ::1\nlocal.test. 60 IN A 10.0.0.1\n"
                + "alias.test. 60 IN CNAME mx1.test.\n";
        try (ZoneDns dns = ZoneDns.start(zone);
                ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.asking(dns.address(), true)) {
            dns.fail("sick.test", ZoneFault.Kind.SERVFAIL);
            int port = exchanger.port();
            Map<List<String>, String> expected = Map.of(
                    List.of("mx1.test"), DELIVERED,
                    List.of("alias.test"), DELIVERED,
                    List.of("mx2.test", "mx1.test"), DELIVERED,
                    List.of("none.test", "mx1.test"), DELIVERED,
                    List.of("none.test"), "bounced 550 5.4.4",
                    List.of("none.test", "sick.test"), "deferred 451 4.4.3");
            for (Map.Entry<List<String>, String> one : expected.entrySet()) {
                Deliveries delivery =
                        Deliveries.to(Deliveries.exchangers(port, one.getKey().toArray(String[]::new)), A);
                assertThat(world.fates(delivery.towards(one.getKey().toString())))
                        .as(one.getKey().toString())
                        .containsEntry(A, one.getValue());
            }
            assertThat(dns.queries("mx1.test", "A")).isEqualTo(2); // itself, and behind the alias
        }
    }

    @Test
    void strangersNamesDoNotLeadIntoOurNetwork() throws Exception {
        try (ZoneDns dns = ZoneDns.start("mx1.test. 60 IN A 127.0.0.1\n");
                ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.asking(dns.address(), false)) {
            Deliveries found = Deliveries.to(Deliveries.exchangers(exchanger.port(), "mx1.test"), A);
            assertThat(world.fates(found)).containsEntry(A, "bounced 550 5.4.4");
            assertThat(world.fates(to(exchanger))).containsEntry(A, DELIVERED);
            Route literal = Deliveries.smarthost(0);
            assertThat(world.fates(Deliveries.to(literal, A).towards("[127.0.0.1]")))
                    .containsEntry(A, "bounced 550 5.4.4");
            assertThat(world.fates(to(exchanger).towards("[127.0.0.1]"))).containsEntry(A, DELIVERED);
        }
    }

    @Test
    void destinationsBehindOneExchangerShareItsConnections() throws Exception {
        int destinations = 300;
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(
                        Script.accepting().at(Point.DOT, Effect.delay(Duration.ofMillis(1), TAKEN)));
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(3))) {
            for (int i = 0; i < destinations; i++) {
                world.send(to(exchanger).towards("d" + i + ".test"), 4);
            }
            world.send(to(exchanger), 1_000); // its connections are not its alone
            world.send(to(exchanger).towards("last.test"));
            int mails = destinations * 4 + 1_001;
            assertThat(fates(world.next(mails))).containsOnly(DELIVERED).hasSize(mails);
            assertThat(exchanger.counts().maxOpenConnections()).isLessThanOrEqualTo(3L + JUST_REPLACED);
            assertThat(exchanger.counts().connections()).isLessThan(30L * DelivererConfig.LOOPS);
        }
    }

    @Test
    void aBusyDestinationDoesNotKeepASharedConnectionFromOthers() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(
                        Script.accepting().at(Point.DOT, Effect.delay(Duration.ofMillis(1), TAKEN)));
                FakeWorld world = FakeWorld.limited(new Limit("*", 1, 1_000_000, Duration.ofSeconds(5)))) {
            world.send(to(exchanger), 1_000);
            for (int i = 0; i < 20; i++) {
                world.send(to(exchanger).towards("d" + i + ".test"));
            }
            List<Completion> ends = world.next(1_020);
            assertThat(fates(ends)).containsOnly(DELIVERED);
            List<String> lastHundred = ends.subList(920, 1_020).stream()
                    .map(end -> end.delivery().delivery().getDestination())
                    .toList();
            assertThat(lastHundred).containsOnly("example.test");
        }
    }

    @Test
    void withoutTheLeaseNothingStartsAndNoDotIsSent() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting()
                        .at(Point.DATA, Effect.delay(Duration.ofMillis(300), Effect.reply("354 go"))));
                FakeWorld world = FakeWorld.start()) {
            world.send(to(exchanger));
            awaitConnections(exchanger, 1);
            world.lease.end();
            world.send(to(exchanger).towards("other.test"));
            assertThat(world.nextWithin(Duration.ofMillis(700))).isNull();
            assertThat(exchanger.mails()).isEmpty();
            assertThat(exchanger.counts().connections()).isEqualTo(1);
            world.grantLease();
            assertThat(fates(world.next(2))).containsOnly(DELIVERED);
        }
    }

    /** The event loops go on while the poller waits for its commit, and must not run ahead of it. */
    @Test
    void noMoreDotsAreSentWhileACommitLastsThanMayBeInDoubt() throws Exception {
        int most = 100 + DelivererConfig.LOOPS;
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.doubting(100)) {
            for (int i = 0; i < 600; i++) {
                world.send(to(exchanger).towards("d" + i % 30 + ".test"));
            }
            int done = 0;
            for (int commits = 1; done < 600; commits++) {
                done += world.next(Math.max(0, Math.min(600, 100 * commits) - done))
                        .size();
                while (world.nextWithin(Duration.ofMillis(300)) != null) {
                    done++;
                }
                assertThat(done).isLessThanOrEqualTo(most * commits);
                world.grantLease();
            }
        }
    }

    @Test
    void revokedMailComesBackUnlessItsDotWasSent() throws Exception {
        AtomicInteger dots = new AtomicInteger();
        Script script = Script.accepting()
                .at(Point.DOT, wire -> {
                    dots.incrementAndGet();
                    Effect.delay(Duration.ofMillis(400), TAKEN).play(wire);
                })
                .rcpt("slow@*", Effect.silence());
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(2))) {
            world.send(to(exchanger).on(1));
            world.send(Deliveries.to(Deliveries.smarthost(exchanger.port()), "slow@example.test")
                    .on(1));
            world.send(to(exchanger).on(1), 10);
            world.send(to(exchanger).on(2));
            while (dots.get() == 0) {
                Thread.onSpinWait();
            }
            world.destinations.revoke(Set.of(new TopicPartition("outbound", 1)));
            List<Completion> ends = world.next(13);
            assertThat(ends.subList(0, 11)).allMatch(Completion::isGivenBack);
            assertThat(fates(ends.subList(11, 13))).containsExactly(DELIVERED, DELIVERED);
        }
    }

    @Test
    void abandonedMailPastItsDotIsInDoubtAtOnce() throws Exception {
        AtomicInteger dots = new AtomicInteger();
        Script script = Script.accepting().at(Point.DOT, wire -> dots.incrementAndGet());
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            world.send(to(exchanger).on(1));
            while (dots.get() == 0) {
                Thread.onSpinWait();
            }
            world.destinations.abandon(Set.of(new TopicPartition("outbound", 1)));
            assertThat(fates(world.next(1))).containsExactly("in doubt 451 4.4.2");
        }
    }

    @Test
    void relieveLetsTheFullestDestinationOverflowItsNewerHalf() throws Exception {
        try (ServerSocket silent = new ServerSocket(0);
                ServerSocket another = new ServerSocket(0);
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(1))) {
            Deliveries few = Deliveries.to(Deliveries.smarthost(silent.getLocalPort()), A)
                    .towards("few.test");
            Deliveries many = Deliveries.to(Deliveries.smarthost(another.getLocalPort()), A)
                    .towards("many.test");
            world.send(few, 11);
            world.send(many, 101);
            world.destinations.relieve();
            List<Completion> relieved = world.next(50);
            assertThat(fates(relieved)).containsOnly("untried");
            assertThat(relieved)
                    .allMatch(one -> one.delivery().delivery().getDestination().equals("many.test"))
                    .allMatch(one -> one.delivery().offset() > 60);
            world.destinations.revoke(Set.of(new TopicPartition("outbound", 0)));
            assertThat(world.next(62)).allMatch(Completion::isGivenBack);
        }
    }

    @Test
    void aDestinationThatIsJustOpeningKeepsWhatWaits() throws Exception {
        try (ServerSocket silent = new ServerSocket(0);
                ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.start()) {
            world.send(
                    Deliveries.to(Deliveries.smarthost(silent.getLocalPort()), A)
                            .towards("many.test"),
                    100);
            world.destinations.relieve();
            assertThat(world.fates(to(exchanger))).containsEntry(A, DELIVERED); // by now everybody was asked
            world.destinations.revoke(Set.of(new TopicPartition("outbound", 0)));
            assertThat(world.next(100)).allMatch(Completion::isGivenBack);
        }
    }

    private static void awaitConnections(ScriptedExchanger exchanger, int count) {
        while (exchanger.counts().connections() < count) {
            Thread.onSpinWait();
        }
    }

    private static List<String> fates(List<Completion> completions) {
        return completions.stream()
                .flatMap(one -> FakeWorld.fates(one).values().stream())
                .toList();
    }

    private static Deliveries to(ScriptedExchanger exchanger) {
        return Deliveries.to(Deliveries.smarthost(exchanger.port()), A);
    }
}
