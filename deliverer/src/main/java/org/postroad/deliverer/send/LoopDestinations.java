package org.postroad.deliverer.send;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.address.AddressBook;
import org.postroad.deliverer.address.AddressLookups;
import org.postroad.deliverer.address.AddressPlanner;
import org.postroad.deliverer.address.CacheBudget;
import org.postroad.deliverer.address.ExchangerMemory;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.config.Limits;
import org.postroad.deliverer.delivery.Completion;
import org.postroad.deliverer.delivery.OpenDelivery;
import org.postroad.deliverer.fate.RoutePolicy;
import org.postroad.deliverer.smtp.SmtpClient;
import org.postroad.schemas.Delivery;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The destinations that one event loop owns.
 *
 * <p>Confined to that loop; only {@link Destinations} speaks to it from outside, by tasks.
 */
final class LoopDestinations {
    private static final Logger LOG = LoggerFactory.getLogger(LoopDestinations.class);

    /** The lease comes back within tens of milliseconds, and some wait for it. */
    private static final long TICK_NANOS = Duration.ofMillis(50).toNanos();

    /** Deadlines and probes are seconds to minutes: of thousands of connections nobody looks at each every tick. */
    private static final long ROUND_NANOS = 5 * TICK_NANOS;

    private static final long FORGETS_NANOS = Destination.REMEMBERED_NANOS / 10;

    static final int REMEMBERED = CacheBudget.ofLoop(CacheBudget.DESTINATIONS);

    /** The destination with most waiting of those looked at so far. */
    record Fullest(
            @Nullable LoopDestinations loop, @Nullable Destination destination, int waiting) {
        static final Fullest NONE = new Fullest(null, null, 0);
    }

    private final LoopParts parts;
    private final OldRoutes oldRoutes;

    /** Those used longest ago first. */
    private final Map<String, Destination> destinations = new LinkedHashMap<>(16, 0.75f, true);

    private final Set<Destination> awake = new LinkedHashSet<>();
    private Limits limits;
    private int remembered;
    private long roundAt;
    private @Nullable Future<?> nextTick;
    private long nextTickAt;
    private long forgotAt;
    private boolean closing;
    private @Nullable Promise<Void> quiet;

    LoopDestinations(
            NodeParts node,
            EventLoop loop,
            Bootstrap bootstrap,
            int connectionLimit,
            NodeAddresses addresses,
            RandomGenerator random) {
        this.limits = new Limits(node.config().limits());
        this.forgotAt = loop.ticker().nanoTime();
        this.roundAt = forgotAt;
        AddressFamily reached = node.config().source().reaches();
        ExchangerMemory memory = new ExchangerMemory(addresses.families());
        AddressBook book = new AddressBook(loop, new AddressLookups(loop, addresses.servers(), reached), reached);
        this.parts = new LoopParts(
                node,
                loop,
                bootstrap,
                new SmtpClient(node.config().source().ehlo(), node.tls(), loop.ticker(), node.metrics()),
                new Connections(loop, connectionLimit, addresses.limits(), node.metrics()),
                new AddressPlanner(
                        node.config(), node.ownAddresses(), loop, book, addresses.families(), memory, random),
                memory,
                new SourceStanding(),
                LargeMail.ofOneOf(DelivererConfig.LOOPS, addresses.limits()),
                new Permissions(node.lease(), () -> tickWithin(TICK_NANOS)),
                random);
        this.oldRoutes = new OldRoutes(node.metrics(), forgotAt);
    }

    EventLoop loop() {
        return parts.loop();
    }

    /** What holds from now on. Connections that nobody uses were kept by what held before, and go. */
    void limits(Limits now) {
        assert loop().inEventLoop();
        if (!now.equals(limits)) {
            limits = now;
            parts.connections().quitIdle();
            List.copyOf(destinations.values()).forEach(each -> guarded(each, one -> limit(one, now)));
            tickWithin(ROUND_NANOS);
        }
    }

    private void limit(Destination one, Limits now) {
        one.limit(now);
        if (!one.isAsleep()) {
            awake.add(one);
        }
    }

    void accept(OpenDelivery open) {
        assert loop().inEventLoop();
        if (closing) {
            parts.node().completions().complete(Completion.givenBack(open));
            return;
        }
        Delivery delivery = open.delivery();
        long nowMillis = parts.nowMillis();
        if (RoutePolicy.isTooOld(delivery, nowMillis)) {
            oldRoutes.came(delivery, nowMillis, parts.now());
        }
        String to = delivery.getDestination();
        String name = delivery.getShard() == 0 ? to : to + "/" + delivery.getShard();
        Destination destination = destinations.get(name);
        if (destination == null) {
            destination = new Destination(to, limits, parts);
            forgetSome();
            destinations.put(name, destination);
            remembered += destination.remembered();
        }
        awake.add(destination);
        tickWithin(ROUND_NANOS);
        int before = destination.remembered();
        destination.accept(open);
        remembered += destination.remembered() - before;
    }

    /** Destinations and the sets of exchangers of each. */
    int remembered() {
        return remembered;
    }

    /** A stream of mail for ever other domains must not grow into memory of all of them. */
    private void forgetSome() {
        if (remembered > REMEMBERED) {
            forgetIf(destination -> remembered > REMEMBERED - REMEMBERED / 10 && destination.isIdle());
        }
    }

    private void forgetIf(Predicate<Destination> which) {
        destinations.values().removeIf(destination -> {
            boolean forgotten = which.test(destination);
            if (forgotten) {
                awake.remove(destination);
            }
            remembered -= forgotten ? destination.remembered() : 0;
            return forgotten;
        });
    }

    private void tickWithin(long nanos) {
        long at = parts.now() + nanos;
        if (nextTick == null || at - nextTickAt < 0) {
            if (nextTick != null) {
                nextTick.cancel(false);
            }
            nextTickAt = at;
            nextTick = loop().schedule(this::tick, nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Looks at what the passing of time has changed, and again when it may have changed more. */
    private void tick() {
        nextTick = null;
        try {
            look(parts.now());
        } finally {
            if (parts.permissions().isAnyoneWaiting() || quiet != null) {
                tickWithin(TICK_NANOS);
            } else if (!awake.isEmpty() || parts.connections().isAnyIdle()) {
                tickWithin(ROUND_NANOS);
            } else if (!destinations.isEmpty()) {
                tickWithin(FORGETS_NANOS);
            }
        }
    }

    private void look(long now) {
        if (now - roundAt >= ROUND_NANOS) {
            roundAt = now;
            round(now);
        } else {
            parts.permissions().takeWaiting().forEach(waiter -> guarded(waiter, one -> one.tick(now)));
        }
        if (quiet != null && destinations.values().stream().allMatch(Destination::isQuiet)) {
            parts.connections().quitIdle();
            quiet.trySuccess(null);
        }
    }

    private void round(long now) {
        parts.permissions().takeWaiting(); // all that are awake are looked at
        for (Destination destination : List.copyOf(awake)) {
            guarded(destination, one -> one.tick(now));
            if (destination.isAsleep()) {
                awake.remove(destination);
                destination.fallAsleep();
            }
        }
        parts.connections().quitExpired(now);
        if (now - forgotAt >= FORGETS_NANOS) {
            forgotAt = now;
            forgetIf(destination -> destination.isForgettable(now));
        }
    }

    void revoke(Set<TopicPartition> partitions) {
        revokeIf(open -> partitions.contains(open.partition()));
    }

    private void revokeIf(Predicate<OpenDelivery> leaves) {
        List.copyOf(destinations.values()).forEach(each -> guarded(each, one -> one.revoke(leaves)));
    }

    void abandon(Set<TopicPartition> partitions) {
        abandonIf(open -> partitions.contains(open.partition()));
    }

    private void abandonIf(Predicate<OpenDelivery> leaves) {
        List.copyOf(destinations.values()).forEach(each -> guarded(each, one -> one.abandon(leaves)));
    }

    /** One destination's bug is not the others'. */
    private static <W extends WaitingDestination> void guarded(W destination, Consumer<W> step) {
        try {
            step.accept(destination);
        } catch (RuntimeException | Error bug) {
            LOG.atError()
                    .setCause(bug)
                    .addKeyValue("destination", destination.name())
                    .log("unforeseen exception");
        }
    }

    /** The fuller of what was found elsewhere and what is here. */
    Fullest fuller(Fullest other) {
        Fullest fullest = other;
        for (Destination destination : destinations.values()) {
            if (destination.waiting() > fullest.waiting()) {
                fullest = new Fullest(this, destination, destination.waiting());
            }
        }
        return fullest;
    }

    /** Gives back what is not past its dot; the promise is kept when the rest has ended. */
    void close(Promise<Void> whenQuiet) {
        closing = true;
        parts.connections().close();
        quiet = whenQuiet;
        tickWithin(TICK_NANOS);
        revokeIf(open -> true);
    }

    /** No more time for what is past its dot. */
    void closeNow() {
        abandonIf(open -> true);
        parts.connections().abortAll("this node closes");
    }
}
