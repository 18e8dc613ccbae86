package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.config.Limits;
import org.postroad.testkit.Effect;
import org.postroad.testkit.Point;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Limits that change while mail is under way. */
class ChangedLimitTest {
    private static final String DELIVERED = "delivered 250 2.0.0";
    private static final Effect TAKEN = Effect.reply("250 2.0.0 taken");

    @Test
    void aLimitThatIsChangedHoldsForConnectionsThatAreOpen() throws Exception {
        AtomicBoolean held = new AtomicBoolean();
        Effect dot = new Effect() {
            @Override
            public void play(Wire wire) {
                if (held.get()) {
                    wire.after(Duration.ofMillis(5), () -> play(wire));
                } else {
                    TAKEN.play(wire);
                }
            }
        };
        try (ScriptedExchanger exchanger =
                        ScriptedExchanger.start(Script.accepting().at(Point.DOT, dot));
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(4))) {
            world.send(to(exchanger), 40);
            world.next(40); // the window is open
            held.set(true);
            world.send(to(exchanger), 40);
            awaitOpen(exchanger, 4);
            world.destinations.limits(new Limits(List.of(FakeWorld.connections(1))));
            held.set(false);
            assertThat(fates(world)).containsOnly(DELIVERED);
            world.send(to(exchanger), 40);
            assertThat(fates(world)).containsOnly(DELIVERED);
            awaitOpen(exchanger, 1);

            world.destinations.limits(new Limits(List.of(FakeWorld.connections(3))));
            world.send(to(exchanger), 40);
            world.next(40);
            held.set(true);
            world.send(to(exchanger), 40);
            awaitOpen(exchanger, 3);
            held.set(false);
            assertThat(fates(world)).containsOnly(DELIVERED);
        }
    }

    private static void awaitOpen(ScriptedExchanger exchanger, int count) {
        while (exchanger.counts().openConnections() != count) {
            Thread.onSpinWait();
        }
    }

    private static List<String> fates(FakeWorld world) throws InterruptedException {
        return world.next(40).stream()
                .flatMap(one -> FakeWorld.fates(one).values().stream())
                .toList();
    }

    private static Deliveries to(ScriptedExchanger exchanger) {
        return Deliveries.to(Deliveries.smarthost(exchanger.port()), "a@example.test");
    }
}
