package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.address.ExchangerSet;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.deliverer.fate.ReplySource;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;

/** Exchangers that could not be reached, and no mail of theirs is here to find out whether they are back. */
class ProbeTest {
    private static final String A = "a@example.test";

    @Test
    void exchangersAreAskedWithoutMailAndWhenOneGreetsAFewMailsAreCalledThenAll() throws Exception {
        int port = closedPort();
        try (FakeWorld world = FakeWorld.start()) {
            world.send(to(port), 2);
            assertThat(world.next(2))
                    .allSatisfy(one -> assertThat(FakeWorld.fates(one)).containsEntry(A, "deferred 451 4.4.1"));
            try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting(), port)) {
                RecoveryNotice first = notice(world);
                assertThat(first.destination()).isEqualTo("example.test");
                assertThat(first.records()).isEqualTo(Recovery.FEW);
                assertThat(exchanger.mails()).isEmpty();
                assertThat(world.fates(to(port))).containsEntry(A, "delivered 250 2.0.0");
                RecoveryNotice all = notice(world);
                assertThat(all.records()).isEqualTo(Recovery.MANY);
                assertThat(all.sinceMillis()).isGreaterThanOrEqualTo(first.sinceMillis());
            }
        }
    }

    /** All that was called has left before the next call may be made, and nothing else would wake the destination. */
    @Test
    void aDestinationThatIsFasterThanItsMailIsCalledCallsMore() throws Exception {
        int port = closedPort();
        try (FakeWorld world = FakeWorld.start()) {
            world.send(to(port), 2);
            world.next(2);
            try (ScriptedExchanger exchanger = ScriptedExchanger.start(Script.accepting(), port)) {
                assertThat(notice(world).records()).isEqualTo(Recovery.FEW);
                sendThatWaited(world, port, Recovery.FULL + 1);
                world.next(Recovery.FULL + 1);
                assertThat(notice(world).portion()).isZero();
                sendThatWaited(world, port, Recovery.FULL);
                world.next(Recovery.FULL);
                assertThat(notice(world).portion()).isEqualTo(1);
                assertThat(exchanger.counts().mails()).isGreaterThan(2L * Recovery.FULL);
            }
        }
    }

    @Test
    void onlyWhereNothingWaitsAndTheyCouldNotBeReachedWhenItIsTimeForAProbe() {
        RouteQueue queue = new RouteQueue(
                ExchangerSet.of(to(1).open(0).delivery()),
                10,
                List.of(Duration.ofMinutes(5)),
                new SplittableRandom(1),
                0);
        long later = ConcurrencyWindow.LAST_PROBE_NANOS;
        queue.window.suspend(0);
        queue.window.suspend(0);
        assertThat(queue.window.isClosed()).isTrue();
        assertThat(queue.wantsProbe(later))
                .as("refused for what we are: a greeting says nothing")
                .isFalse();
        queue.unreachable(new Outcome.Deferred(new ReplySource(null, 0).own(451, "4.4.1", "no answer"), false), 0);
        assertThat(queue.wantsProbe(later)).isTrue();
        assertThat(queue.wantsProbe(0)).isFalse();
        queue.probing(true);
        assertThat(queue.wantsProbe(later)).as("one at a time").isFalse();
        queue.probing(false);
        queue.started();
        assertThat(queue.wantsProbe(later)).as("a message finds out").isFalse();
        queue.ended();
        queue.reached();
        assertThat(queue.wantsProbe(later)).isFalse();
    }

    private static void sendThatWaited(FakeWorld world, int port, int count) {
        for (int i = 0; i < count; i++) {
            OpenDelivery open = to(port).open(1_000 + i);
            Envelope waited = Envelope.newBuilder(open.delivery().getEnvelope())
                    .setNotBefore(1)
                    .build();
            Delivery delivery =
                    Delivery.newBuilder(open.delivery()).setEnvelope(waited).build();
            world.destinations.start(
                    new OpenDelivery(open.partition(), open.assignment(), open.offset(), open.octets(), delivery));
        }
    }

    private static RecoveryNotice notice(FakeWorld world) throws InterruptedException {
        RecoveryNotice notice = world.recoveries.poll(FakeWorld.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (notice == null) {
            throw new AssertionError("no notice came");
        }
        return notice;
    }

    private static Deliveries to(int port) {
        return Deliveries.to(Deliveries.smarthost(port), A);
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
