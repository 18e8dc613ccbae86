package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postroad.deliverer.address.RideTrust;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.testkit.Effect;
import org.postroad.testkit.Point;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Many destinations, few connections to the one exchanger of all: whose mail follows whose on them. */
class BoardingTest {
    private static final String A = "a@example.test";

    /** The exchanger may accept a connection before it has read the end of the one that it replaces. */
    private static final int JUST_REPLACED = 1;

    private static final String DELIVERED = "delivered 250 2.0.0";

    @Test
    void anotherDestinationsMailRidesWithTheLastDotOfWhoHadTheConnection() throws Exception {
        int mails = RideTrust.CLEAN_MESSAGES + 10;
        try (ServerSocket exchanger = new ServerSocket(0);
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(1))) {
            List<String> neighbours = onOneLoop(mails);
            neighbours.forEach(name -> world.send(to(exchanger.getLocalPort()).towards(name)));
            try (Line line = new Line(exchanger.accept())) {
                line.say("220 mx.test");
                line.readTo("EHLO");
                line.say("250-mx.test", "250 PIPELINING");
                for (int i = 0; i < RideTrust.CLEAN_MESSAGES; i++) {
                    line.readTo("DATA");
                    line.say("250 sender", "250 recipient", "354 go");
                    line.readTo(".");
                    line.say("250 2.0.0 taken");
                }
                line.readTo("DATA");
                line.say("250 sender", "250 recipient", "354 go");
                for (int i = RideTrust.CLEAN_MESSAGES + 1; i < mails; i++) {
                    line.readTo(".");
                    line.readTo("DATA"); // the dot is not answered yet
                    line.say("250 2.0.0 taken", "250 sender", "250 recipient", "354 go");
                }
                line.readTo(".");
                line.say("250 2.0.0 taken");
                List<Completion> ends = world.next(mails);
                assertThat(fates(ends)).containsOnly(DELIVERED);
                assertThat(ends.stream().map(BoardingTest::destination)).hasSameElementsAs(neighbours);
            }
        }
    }

    @Test
    void whoHasMoreWaitsForItsNextTurn() throws Exception {
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting());
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(1))) {
            for (String name : onOneLoop(10)) {
                world.send(to(exchanger.port()).towards(name), 200);
            }
            List<Completion> ends = world.next(2_000);
            assertThat(fates(ends)).containsOnly(DELIVERED);
            assertThat(exchanger.counts().maxOpenConnections()).isLessThanOrEqualTo(1 + JUST_REPLACED);
            Set<String> early = Set.copyOf(
                    ends.subList(0, 400).stream().map(BoardingTest::destination).toList());
            assertThat(early).as("served by turns of a few mails").hasSize(10);
        }
    }

    @Test
    void aConnectionLostUnderABorrowedSeatCostsOneDoubtAndNoOneItsLimit() throws Exception {
        AtomicInteger dots = new AtomicInteger();
        Effect at40 =
                wire -> (dots.incrementAndGet() == 40 ? Effect.close() : Effect.reply("250 2.0.0 taken")).play(wire);
        try (ScriptedExchanger exchanger =
                        ScriptedExchanger.start(Script.accepting().at(Point.DOT, at40));
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(1))) {
            List<String> neighbours = onOneLoop(100);
            neighbours.forEach(name -> world.send(to(exchanger.port()).towards(name)));
            List<String> fates = fates(world.next(100));
            assertThat(fates).containsOnlyOnce("in doubt 451 4.4.2");
            assertThat(fates).filteredOn(DELIVERED::equals).hasSize(99);
            neighbours.forEach(name -> world.send(to(exchanger.port()).towards(name)));
            assertThat(fates(world.next(100))).containsOnly(DELIVERED);
            assertThat(exchanger.counts().connections()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void everyDeliveryEndsOnceWhereManyShareFewConnections(long seed) throws Exception {
        int mails = 3_000;
        try (ScriptedExchanger exchanger = ScriptedExchanger.start(moody(seed));
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(2))) {
            Random random = new Random(seed);
            for (int i = 0; i < mails; i++) {
                String destination = "destination" + random.nextInt(60);
                world.send(to(exchanger.port()).towards(destination).on(random.nextInt(3)));
                if (i == mails / 2) {
                    world.destinations.revoke(Set.of(new TopicPartition("outbound", 1)));
                }
            }
            Map<Long, Integer> ends = new HashMap<>();
            for (Completion completion : world.next(mails)) {
                ends.merge(completion.delivery().offset(), 1, Integer::sum);
                assertThat(completion.isGivenBack() ? List.of() : fates(List.of(completion)))
                        .as("seed %d", seed)
                        .isSubsetOf(DELIVERED, "deferred 451 4.3.0", "deferred 421 4.3.2");
            }
            assertThat(ends).as("seed %d", seed).hasSize(mails);
            assertThat(exchanger.counts().maxOpenConnections())
                    .isLessThanOrEqualTo(2 + JUST_REPLACED * DelivererConfig.LOOPS);
        }
    }

    /** Refuses now and then, also for good on this connection, but miscounts nothing: riding goes on. */
    private static Script moody(long seed) {
        Random random = new Random(seed);
        List<Effect> moods =
                List.of(Effect.reply("421 4.3.2 closing").then(Effect.close()), Effect.reply("451 4.3.0 later"));
        Script script = Script.accepting();
        for (Point point : List.of(Point.MAIL, Point.RCPT, Point.DOT)) {
            Effect good = Effect.delay(Duration.ofNanos(1), Effect.reply("250 2.0.0 ok"));
            script = script.at(point, wire -> {
                int mood = random.nextInt(200);
                (mood < moods.size() ? moods.get(mood) : good).play(wire);
            });
        }
        return script;
    }

    private static Deliveries to(int port) {
        return Deliveries.to(Deliveries.smarthost(port), A);
    }

    /** Destinations that the same loop owns. */
    private static List<String> onOneLoop(int count) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "d" + i + ".test")
                .filter(name -> Math.floorMod(name.hashCode() * 31, DelivererConfig.LOOPS) == 0)
                .limit(count)
                .toList();
    }

    private static String destination(Completion end) {
        return end.delivery().delivery().getDestination();
    }

    private static List<String> fates(List<Completion> completions) {
        List<String> fates = new ArrayList<>();
        completions.forEach(one -> fates.addAll(FakeWorld.fates(one).values()));
        return fates;
    }

    /** The exchanger's side of one connection, spoken by the test itself, which alone can wait with an answer. */
    private record Line(Socket socket, BufferedReader in) implements AutoCloseable {
        Line(Socket socket) throws IOException {
            this(socket, new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)));
            socket.setSoTimeout((int) FakeWorld.PATIENCE.toMillis());
        }

        void readTo(String wanted) throws IOException {
            String line = in.readLine();
            while (line != null && !line.split(" ", 2)[0].equals(wanted)) {
                line = in.readLine();
            }
            assertThat(line).isNotNull();
        }

        void say(String... lines) throws IOException {
            String text = String.join("\r\n", lines) + "\r\n";
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
