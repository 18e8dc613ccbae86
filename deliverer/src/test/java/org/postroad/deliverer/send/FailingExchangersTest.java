package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.config.Limit;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.schemas.Delivery;
import org.postroad.testkit.Effect;
import org.postroad.testkit.Point;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Exchangers that fail: how often they are connected to, whose mail they hold up, and whose words it hears. */
class FailingExchangersTest {
    private static final String A = "a@example.test";
    private static final String DELIVERED = "delivered 250 2.0.0";
    /** Long enough for what comes at full speed to be seen. */
    private static final Duration WATCHED = Duration.ofSeconds(6);

    /** In the first seconds: what is under way at once to a new address, then after 1, 2 and 4 seconds. */
    private static final int A_FEW = 10 + 6;

    private static Map<String, Script> refusals() {
        Effect bye = Effect.reply("421 4.3.2 too busy for you").then(Effect.close());
        Script accepting = Script.accepting();
        Map<String, Script> scripts = new LinkedHashMap<>();
        scripts.put("421 banner, deferred 421 4.3.2", accepting.at(Point.CONNECT, bye));
        scripts.put("421 banner left open, deferred 421 4.3.2", accepting.at(Point.CONNECT, "421 4.3.2 too busy"));
        scripts.put("421 at EHLO, deferred 421 4.3.2", accepting.at(Point.EHLO, bye));
        scripts.put("450 banner, deferred 450 4.7.1", accepting.at(Point.CONNECT, "450 4.7.1 not now"));
        scripts.put("554 banner, deferred 554 5.7.1", accepting.at(Point.CONNECT, "554 5.7.1 not you"));
        scripts.put("closed before banner, deferred 451 4.4.2", accepting.at(Point.CONNECT, Effect.close()));
        scripts.put("closed after EHLO, deferred 451 4.4.2", accepting.at(Point.MAIL, Effect.close()));
        scripts.put("reset, deferred 451 4.4", accepting.at(Point.CONNECT, Effect.reset()));
        scripts.put("reset at EHLO, deferred 451 4.4.2", accepting.at(Point.EHLO, Effect.reset()));
        scripts.put("garbage, deferred 451 4.5.0", accepting.at(Point.CONNECT, "what?"));
        scripts.put("421 at MAIL, deferred 421 4.3.2", accepting.at(Point.MAIL, bye));
        scripts.put("421 at RCPT, deferred 421 4.3.2", accepting.at(Point.RCPT, bye));
        scripts.put("421 at DATA, deferred 421 4.3.2", accepting.at(Point.DATA, bye));
        scripts.put("421 at the dot, deferred 421 4.3.2", accepting.at(Point.DOT, bye));
        scripts.put(
                "421 at RSET, deferred 4",
                accepting.at(Point.RCPT, "450 4.2.1 later").at(Point.RSET, bye));
        return scripts;
    }

    /** Three destinations each with more mail than would do, for exchangers that never take any. */
    @Test
    void exchangersThatTakeNoMailSeeFewConnectionsAndItsMailHearsWhy() throws Exception {
        Map<String, ScriptedExchanger> exchangers = new LinkedHashMap<>();
        try (FakeWorld world = FakeWorld.start()) {
            int sent = 0;
            for (Map.Entry<String, Script> refusal : refusals().entrySet()) {
                ScriptedExchanger exchanger = ScriptedExchanger.start(refusal.getValue());
                exchangers.put(refusal.getKey(), exchanger);
                for (int i = 0; i < 3; i++, sent += 100) {
                    world.send(to(exchanger.port()).towards("d" + i + "." + exchanger.port()), 100);
                }
            }
            List<Completion> ended = new ArrayList<>();
            long until = System.nanoTime() + WATCHED.toNanos();
            while (System.nanoTime() - until < 0) {
                Completion one = world.nextWithin(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
                if (one != null) {
                    ended.add(one);
                }
            }
            Map<String, Long> connections = new LinkedHashMap<>();
            exchangers.forEach((refusal, exchanger) ->
                    connections.put(refusal, exchanger.counts().connections()));
            world.destinations.revoke(Set.of(new TopicPartition("outbound", 0)));
            ended.addAll(world.next(sent - ended.size()));
            assertThat(connections)
                    .allSatisfy(
                            (refusal, count) -> assertThat(count).as(refusal).isBetween(3L, (long) A_FEW));
            exchangers.forEach((refusal, exchanger) -> {
                List<Completion> its = ended.stream()
                        .filter(end -> port(end) == exchanger.port())
                        .toList();
                String fate = refusal.substring(refusal.indexOf(", ") + 2);
                assertThat(fates(its)).as(refusal).anyMatch(one -> one.startsWith(fate));
                assertThat(fates(its)).as(refusal).allMatch(one -> one.startsWith(fate) || one.equals("untried"));
            });
        } finally {
            exchangers.values().forEach(ScriptedExchanger::close);
        }
    }

    @Test
    void whereNoneIsReadyARefusalIsRealAndCounted() throws Exception {
        Script script = Script.accepting().at(Point.CONNECT, "421 4.3.2 too busy for you");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(2))) {
            world.send(to(exchanger.port()), 2);
            assertThat(fates(world.next(2))).containsOnly("deferred 421 4.3.2");
        }
    }

    @Test
    void anExchangerThatIsFullIsNotAskedAgainWhileItServesOthers() throws Exception {
        Script script = Script.accepting()
                .maxConnections(1)
                .at(Point.DOT, Effect.delay(Duration.ofMillis(20), Effect.reply("250 2.0.0 ok")));
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(script);
                FakeWorld world = FakeWorld.start()) {
            assertThat(world.fates(to(exchanger.port()).towards("first.test"))).containsEntry(A, DELIVERED);
            for (int i = 0; i < 20; i++) {
                world.send(to(exchanger.port()).towards("d" + i + ".test"), 5);
            }
            assertThat(fates(world.next(100))).containsOnly(DELIVERED);
        }
    }

    @Test
    void inARollUpADeadExchangerHoldsUpOnlyItsOwnMail() throws Exception {
        int dead = deadPort();
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.start()) {
            world.send(to(dead), 500);
            world.send(to(exchanger.port()), 300);
            world.send(to(dead), 500);
            world.send(to(exchanger.port()), 300);
            int delivered = 0;
            List<Completion> all = new ArrayList<>();
            while (delivered < 600) {
                Completion next = world.next();
                all.add(next);
                boolean toDead = port(next) == dead;
                String fate = FakeWorld.fates(next).get(A);
                assertThat(fate).isIn(toDead ? List.of("deferred 451 4.4.1", "untried") : List.of(DELIVERED));
                delivered += toDead ? 0 : 1;
            }
            world.destinations.revoke(Set.of(new TopicPartition("outbound", 0)));
            world.next(1_600 - all.size());
        }
    }

    /** Long past its expiry, which is judged after any real attempt: so only mail of the dead exchanger may end with one. */
    @Test
    void nothingExpiresInItsNeighboursWords() throws Exception {
        int dead = deadPort();
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting()
                        .at(Point.DOT, Effect.delay(Duration.ofMillis(1), Effect.reply("250 2.0.0 ok"))));
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(2))) {
            for (int i = 0; i < 50; i++) {
                world.send(to(exchanger.port()).expiring(1), 4);
                world.send(to(dead).expiring(1));
            }
            List<Completion> ended = world.next(250);
            for (Completion one : ended) {
                assertThat(FakeWorld.fates(one)).containsEntry(A, port(one) == dead ? "deferred 451 4.4.1" : DELIVERED);
                if (port(one) == dead) {
                    Outcome.Deferred outcome =
                            (Outcome.Deferred) one.outcomes().get(0).outcome();
                    assertThat(outcome.reply().getExchanger()).endsWith(":" + dead);
                }
            }
        }
    }

    @Test
    void mailPastItsExpiryForDeadExchangersEndsInTheirWordsHoweverMuchThereIs() throws Exception {
        int dead = deadPort();
        try (FakeWorld world = FakeWorld.start()) {
            world.send(to(dead), 2);
            world.next(2);
            world.send(to(dead).expiring(1), 500);
            assertThat(fates(world.next(500))).containsOnly("deferred 451 4.4.1");
        }
    }

    @Test
    void aRouteThatComesBackTakesItsMailWhileItsNeighbourIsStillDead() throws Exception {
        int dead = deadPort();
        Script refusing = Script.accepting().at(Point.CONNECT, "421 4.3.2 down");
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(refusing);
                FakeWorld world = FakeWorld.start()) {
            world.send(to(dead), 3);
            world.send(to(exchanger.port()), 2);
            world.next(4);
            exchanger.behave(Script.accepting());
            world.send(to(exchanger.port()), 50);
            int delivered = 0;
            int ended = 4;
            while (delivered < 50) {
                Completion next = world.next();
                ended++;
                delivered += DELIVERED.equals(FakeWorld.fates(next).get(A)) ? 1 : 0;
            }
            world.destinations.revoke(Set.of(new TopicPartition("outbound", 0)));
            world.next(55 - ended);
        }
    }

    @Test
    void destinationsOfAllLoopsTogetherKeepToTheLimitOfAnAddress() throws Exception {
        for (int limit : new int[] {1, 3, 10}) {
            try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting()
                            .at(Point.DOT, Effect.delay(Duration.ofMillis(1), Effect.reply("250 2.0.0 taken"))));
                    FakeWorld world = FakeWorld.limited(FakeWorld.connections(limit))) {
                for (int round = 0; round < 20; round++) {
                    for (int i = 0; i < 50; i++) {
                        world.send(to(exchanger.port()).towards("d" + i + ".test"));
                    }
                }
                assertThat(fates(world.next(1_000))).containsOnly(DELIVERED);
                // It may accept a connection before it has read the end of the one that this replaces.
                assertThat(exchanger.counts().maxOpenConnections()).isLessThanOrEqualTo(limit + 1L);
            }
        }
    }

    /** One connection for all: each loop's busiest destination must let the others have their turns. */
    @Test
    void noLoopStarvesForAnother() throws Exception {
        int mails = 400;
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(1))) {
            List<String> names = oneOfEachLoop();
            names.forEach(name -> world.send(to(exchanger.port()).towards(name), mails));
            List<Completion> ends = world.next(names.size() * mails);
            assertThat(fates(ends)).containsOnly(DELIVERED);
            List<String> early = ends.subList(0, names.size() * mails / 2).stream()
                    .map(end -> end.delivery().delivery().getDestination())
                    .toList();
            assertThat(early).contains(names.toArray(String[]::new));
        }
    }

    @Test
    void anIdleConnectionOfOneLoopDoesNotKeepAnotherWaiting() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.limited(new Limit("*", 1, 1_000, Duration.ofHours(1)))) {
            for (String name : oneOfEachLoop()) {
                assertThat(world.fates(to(exchanger.port()).towards(name))).containsEntry(A, DELIVERED);
            }
        }
    }

    @Test
    void nothingOfADeliveryIsKeptOnceItHasEnded() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.limited(new Limit("*", 10, 1, Duration.ofSeconds(1)))) {
            List<WeakReference<Delivery>> sent = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                OpenDelivery open = world.send(to(exchanger.port()).towards("d" + i + ".test"));
                sent.add(new WeakReference<>(open.delivery()));
            }
            assertThat(fates(world.next(10))).containsOnly(DELIVERED);
            long until = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            while (sent.stream().anyMatch(one -> one.get() != null) && System.nanoTime() - until < 0) {
                System.gc();
                world.nextWithin(Duration.ofMillis(20));
            }
            assertThat(sent).allMatch(one -> one.get() == null);
        }
    }

    private static List<String> oneOfEachLoop() {
        Map<Integer, String> names = new TreeMap<>();
        for (int i = 0; names.size() < DelivererConfig.LOOPS; i++) {
            String name = "d" + i + ".test";
            names.putIfAbsent(Math.floorMod(name.hashCode() * 31, DelivererConfig.LOOPS), name);
        }
        return List.copyOf(names.values());
    }

    private static int port(Completion end) {
        return end.delivery().delivery().getRoute().getExchangers().get(0).getPort();
    }

    private static List<String> fates(List<Completion> completions) {
        return completions.stream()
                .flatMap(one -> FakeWorld.fates(one).values().stream())
                .toList();
    }

    private static Deliveries to(int port) {
        return Deliveries.to(Deliveries.smarthost(port), A);
    }

    private static int deadPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
