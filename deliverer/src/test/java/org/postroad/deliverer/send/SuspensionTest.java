package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postroad.deliverer.config.Limits;
import org.postroad.deliverer.config.Suspension;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.Routes;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;
import org.postroad.schemas.policy.StandingPolicy;
import org.postroad.testkit.Effect;
import org.postroad.testkit.Point;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** A destination to which nothing is sent for now. */
class SuspensionTest {
    private static final String DELIVERED = "delivered 250 2.0.0";
    private static final Effect TAKEN = Effect.reply("250 2.0.0 taken");

    @Test
    void whatIsPastItsDotIsWaitedForAndEverythingElseWaitsElsewhere() throws Exception {
        AtomicBoolean held = new AtomicBoolean();
        AtomicInteger dots = new AtomicInteger();
        Effect dot = new Effect() {
            @Override
            public void play(Wire wire) {
                dots.incrementAndGet();
                answer(wire);
            }

            private void answer(Wire wire) {
                if (held.get()) {
                    wire.after(Duration.ofMillis(5), () -> answer(wire));
                } else {
                    TAKEN.play(wire);
                }
            }
        };
        try (ScriptedExchanger exchanger =
                        ScriptedExchanger.start(Script.accepting().at(Point.DOT, dot));
                FakeWorld world = FakeWorld.limited(FakeWorld.connections(4))) {
            Deliveries to = Deliveries.to(Deliveries.smarthost(exchanger.port()), "a@example.test");
            world.send(to, 40);
            world.next(40); // the window is open
            held.set(true);
            world.send(to, 40);
            while (dots.get() < 44) {
                Thread.onSpinWait(); // as many as there are connections
            }

            world.destinations.limits(suspended("example.test"));
            List<Completion> ended = new ArrayList<>(world.next(36));
            assertThat(fates(ended)).containsOnly("untried");
            assertThat(ended.get(0).outcomes().get(0).outcome())
                    .isEqualTo(new Outcome.Untried(Duration.ofMinutes(1), "suspended by an operator: they complain"));
            held.set(false);
            assertThat(fates(world.next(4))).containsOnly(DELIVERED);
            awaitOpen(exchanger, 0);

            long before = exchanger.counts().mails();
            world.send(to, 5);
            assertThat(fates(world.next(5))).containsOnly("untried");
            assertThat(exchanger.counts().mails()).isEqualTo(before);
            assertThat(exchanger.counts().openConnections()).isZero();

            world.destinations.limits(suspended("other.test"));
            world.send(to, 5);
            assertThat(fates(world.next(5))).containsOnly(DELIVERED);
            RecoveryNotice called = world.recoveries.poll(FakeWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(called).isNotNull();
            assertThat(called.destination()).isEqualTo("example.test");
        }
    }

    /** Its route is not judged either: nothing is known of a destination that nobody is to ask. */
    @Test
    void allDestinationsCanBeSuspended() throws Exception {
        try (FakeWorld world = FakeWorld.start()) {
            world.destinations.limits(suspended("*"));
            assertThat(world.fates(Deliveries.to(Routes.nowhere(RouteKind.NULL_MX, ""), "a@example.test")))
                    .containsEntry("a@example.test", "untried");
            world.destinations.limits(suspended("other.test"));
            assertThat(world.fates(Deliveries.to(Routes.nowhere(RouteKind.NULL_MX, ""), "a@example.test")))
                    .containsEntry("a@example.test", "bounced 556 5.1.10");
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // seconds since it began, until it ends; seconds that mail waits
                "0, -, 60",
                "180, -, 60",
                "600, -, 200",
                "86400, -, 3600",
                "-5, -, 60",
                "0, 1800, 1800",
                "0, 7200, 3600",
                "86400, 10, 10",
                "86400, 0, 1"
            })
    void mailWaitsUntilTheEndOrForAThirdOfWhatHasPassed(long since, @Nullable Long until, long waits) {
        long now = 1_000_000_000;
        Suspension suspension =
                new Suspension("why", now - since * 1_000, until == null ? Long.MAX_VALUE : now + until * 1_000);
        assertThat(suspension.dueIn(now)).hasSeconds(waits);
    }

    private static Limits suspended(String destination) {
        StandingPolicy policy = new StandingPolicy(
                Aspect.SUSPEND,
                destination,
                Map.of(),
                "they complain",
                "me",
                Clock.systemUTC().millis(),
                Long.MAX_VALUE);
        return new Limits(List.of(FakeWorld.connections(4)), new Policies(List.of(policy)), new IgnoredPolicies());
    }

    private static void awaitOpen(ScriptedExchanger exchanger, int count) {
        while (exchanger.counts().openConnections() != count) {
            Thread.onSpinWait();
        }
    }

    private static List<String> fates(List<Completion> completions) {
        return completions.stream()
                .flatMap(one -> FakeWorld.fates(one).values().stream())
                .toList();
    }
}
