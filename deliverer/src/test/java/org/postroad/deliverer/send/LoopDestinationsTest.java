package org.postroad.deliverer.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.Ticker;
import io.prometheus.client.CollectorRegistry;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postroad.deliverer.VirtualLoop;
import org.postroad.deliverer.address.AddressFamilies;
import org.postroad.deliverer.address.CacheBudget;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deliverer.config.Source;
import org.postroad.deliverer.delivery.Lease;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.smtp.TlsUpgrade;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.Routes;
import org.postroad.schemas.dns.NameServers;
import org.postroad.testkit.ManualClock;

class LoopDestinationsTest {
    private final CollectorRegistry metrics = new CollectorRegistry();
    private final Lease lease = new Lease(Integer.MAX_VALUE);
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, Destinations.io());
    private final EventLoop loop = loops.next();
    private final NodeParts node = new NodeParts(
            new DelivererConfig(
                    25,
                    List.of(new Source("default", "mail.sender.test", null)),
                    List.of(),
                    true,
                    List.of(),
                    RetryConfig.DEFAULT,
                    Duration.ofSeconds(3)),
            completion -> {},
            lease,
            (ref, chunk, on, receiver) -> {},
            notice -> {},
            new SendMetrics(metrics),
            TlsUpgrade.create(),
            Set.of(),
            Clock.systemUTC());
    private final LoopDestinations destinations = new LoopDestinations(
            node, loop, Destinations.bootstrap(node, loop), 10, addresses(), new SplittableRandom(1));

    private static NodeAddresses addresses() {
        return new NodeAddresses(new AddressLimits(100), new AddressFamilies(), NameServers.of(List.of()));
    }

    @AfterEach
    void end() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void closesConnectionsThatAreStillOpeningToo() throws Exception {
        lease.renew(Ticker.systemTicker().nanoTime(), Ticker.systemTicker().nanoTime(), 0);
        try (ServerSocket silent = new ServerSocket(0)) {
            Deliveries delivery = Deliveries.to(Deliveries.smarthost(silent.getLocalPort()), "a@example.test");
            loop.submit(() -> destinations.accept(delivery.open(0))).sync();
            assertThat(connections()).isEqualTo(1);
            loop.submit(() -> destinations.close(loop.newPromise())).sync();
            loop.submit(destinations::closeNow).sync();
            assertThat(connections()).isZero();
        }
    }

    @Test
    void aLoopWithoutMailIsWokenOnlyToForget() {
        ManualClock clock = new ManualClock();
        VirtualLoop still = new VirtualLoop(clock);
        LoopDestinations idle = new LoopDestinations(
                node, still, Destinations.bootstrap(node, still), 10, addresses(), new SplittableRandom(1));
        assertThat(still.nextAt()).isEqualTo(Long.MAX_VALUE);
        idle.accept(Deliveries.to(Routes.nowhere(RouteKind.NULL_MX, ""), "a@example.test")
                .open(0));
        int woken = 0;
        while (still.nextAt() < Long.MAX_VALUE) {
            clock.advance(still.nextAt() - clock.nanoTime(), TimeUnit.NANOSECONDS);
            still.runAll();
            woken++;
        }
        assertThat(idle.remembered()).isZero();
        assertThat(clock.nanoTime()).isBetween(Destination.REMEMBERED_NANOS, 2 * Destination.REMEMBERED_NANOS);
        assertThat(woken).as("once a minute").isLessThan(20);
    }

    @Test
    void remembersNoMoreDestinationsThanItMay() throws Exception {
        Deliveries delivery = Deliveries.to(Routes.nowhere(RouteKind.NULL_MX, ""), "a@example.test");
        for (int i = 0; i < LoopDestinations.REMEMBERED + 1_000; i++) {
            String destination = "d" + i + ".test";
            loop.execute(() -> destinations.accept(delivery.towards(destination).open(0)));
        }
        assertThat(loop.submit(destinations::remembered).get()).isLessThanOrEqualTo(LoopDestinations.REMEMBERED + 1);
    }

    /** Of one destination too: a roll-up, or a domain whose exchangers are others each time. */
    @Test
    void remembersNoMoreSetsOfExchangersThanItMay() throws Exception {
        lease.renew(Ticker.systemTicker().nanoTime(), Ticker.systemTicker().nanoTime(), 0);
        for (int i = 0; i < 5_000; i++) {
            Deliveries delivery = Deliveries.to(Deliveries.exchangers(25, "mx" + i + ".invalid"), "a@example.test");
            OpenDelivery open = delivery.open(i);
            loop.submit(() -> destinations.accept(open)).sync();
            loop.submit(() -> destinations.abandon(Set.of(open.partition()))).sync();
        }
        assertThat(loop.submit(destinations::remembered).get()).isLessThanOrEqualTo(2 + RouteQueues.REMEMBERED);
    }

    @Test
    void whatANodeRemembersFollowsItsHeap() {
        long heap = Runtime.getRuntime().maxMemory();
        assertThat(CacheBudget.DESTINATIONS * 4_096L).isLessThanOrEqualTo(Math.max(heap / 16, 100 * 4_096L));
        assertThat(CacheBudget.NAMES * 1_024L).isLessThanOrEqualTo(Math.max(heap / 32, 100 * 1_024L));
        assertThat(CacheBudget.ofLoop(CacheBudget.NAMES) * (long) DelivererConfig.LOOPS)
                .isLessThanOrEqualTo(Math.max(CacheBudget.NAMES, 100L * DelivererConfig.LOOPS));
    }

    private double connections() {
        return metrics.getSampleValue("postroad_deliverer_connections");
    }
}
