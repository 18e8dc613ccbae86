package org.postroad.deliverer.send;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.HashMap;
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
import org.postroad.deliverer.work.AddressFamily;
import org.postroad.deliverer.work.Completion;
import org.postroad.deliverer.work.Limits;
import org.postroad.deliverer.work.OpenDelivery;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Exchanger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The destinations that one event loop owns.
 *
 * <p>Confined to that loop; only {@link Destinations} speaks to it from outside, by tasks.
 */
final class Station {
    private static final Logger LOG = LoggerFactory.getLogger(Station.class);

    /** The lease comes back within tens of milliseconds, and some wait for it. */
    private static final long TICK_NANOS = Duration.ofMillis(50).toNanos();

    /** Deadlines and probes are seconds to minutes: of thousands of connections nobody looks at each every tick. */
    private static final long ROUND_NANOS = 5 * TICK_NANOS;

    /** How long a destination without mail keeps what it learned: windows and throttles outlive a pause. */
    static final long REMEMBERED_NANOS = Duration.ofMinutes(10).toNanos();

    private static final long FORGETS_NANOS = REMEMBERED_NANOS / 10;

    static final int REMEMBERED = CacheBudget.ofLoop(CacheBudget.DESTINATIONS);

    /** So many exchangers of a route are asked for addresses, the preferred ones. */
    private static final int EXCHANGERS = 10;

    /** The destination with most waiting of those looked at so far. */
    record Fullest(@Nullable Station station, @Nullable Destination destination, int waiting) {
        static final Fullest NONE = new Fullest(null, null, 0);
    }

    private final Outfit outfit;
    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final RandomGenerator random;
    private final AddressBook book;
    private final AddressFamilies families;
    private final ExchangerMemory memory;
    private final SourceStanding standing = new SourceStanding();
    private final Connections connections;
    private final OldRoutes oldRoutes;
    private final LargeMail largeMail;

    /** Those used longest ago first. */
    private final Map<String, Destination> destinations = new LinkedHashMap<>(16, 0.75f, true);

    private final Set<Destination> awake = new LinkedHashSet<>();
    private final Set<Destination> impatient = new LinkedHashSet<>();
    private Limits limits;
    private int remembered;
    private long roundAt;
    private @Nullable Future<?> nextTick;
    private long nextTickAt;
    private long forgotAt;
    private boolean closing;
    private @Nullable Promise<Void> quiet;

    Station(
            Outfit outfit,
            EventLoop loop,
            Bootstrap bootstrap,
            int connectionLimit,
            NodeAddresses addresses,
            RandomGenerator random) {
        this.outfit = outfit;
        this.limits = new Limits(outfit.config().limits());
        this.loop = loop;
        this.forgotAt = now();
        this.roundAt = now();
        this.bootstrap = bootstrap;
        this.random = random;
        this.connections = new Connections(loop, connectionLimit, addresses.limits(), outfit.metrics());
        this.oldRoutes = new OldRoutes(outfit.metrics(), now());
        this.largeMail = LargeMail.ofOneOf(Destinations.LOOPS, addresses.limits());
        AddressFamily reached = outfit.source().reaches();
        this.families = addresses.families();
        this.memory = new ExchangerMemory(families);
        this.book = new AddressBook(loop, new AddressLookups(loop, addresses.servers(), reached), reached);
    }

    Outfit outfit() {
        return outfit;
    }

    EventLoop loop() {
        return loop;
    }

    /** By its loop's clock, in nanoseconds. */
    long now() {
        return loop.ticker().nanoTime();
    }

    ExchangerMemory memory() {
        return memory;
    }

    SourceStanding standing() {
        return standing;
    }

    Bootstrap bootstrap() {
        return bootstrap.clone();
    }

    RandomGenerator random() {
        return random;
    }

    boolean isClosing() {
        return closing;
    }

    Connections connections() {
        return connections;
    }

    LargeMail largeMail() {
        return largeMail;
    }

    /** What holds from now on. Connections that nobody uses were kept by what held before, and go. */
    void limits(Limits now) {
        assert loop.inEventLoop();
        if (!now.equals(limits)) {
            limits = now;
            connections.quitIdle();
            List.copyOf(destinations.values()).forEach(each -> guarded(each, one -> one.limit(now.of(one.name()))));
        }
    }

    void accept(OpenDelivery open) {
        assert loop.inEventLoop();
        if (closing) {
            outfit.completions().complete(Completion.givenBack(open));
            return;
        }
        Delivery delivery = open.delivery();
        long nowMillis = outfit.nowMillis();
        if (RoutePolicy.isTooOld(delivery, nowMillis)) {
            oldRoutes.came(delivery, nowMillis, now());
        }
        String to = delivery.getDestination();
        String name = delivery.getShard() == 0 ? to : to + "/" + delivery.getShard();
        Destination destination = destinations.get(name);
        if (destination == null) {
            destination = new Destination(to, limits.of(to), this);
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

    /**
     * Looks up what is not known of the route's exchangers, then decides the order.
     *
     * @param then hears of the plan, at once or later
     * @param failed hears of an exception nobody foresaw instead: whoever waits for a plan holds a connection's place
     */
    void plan(ExchangerSet route, Consumer<AddressPlan> then, Consumer<Throwable> failed) {
        long now = now();
        List<Exchanger> exchangers = route.inOrder();
        List<Exchanger> asked = exchangers.subList(0, Math.min(EXCHANGERS, exchangers.size()));
        Consumer<Map<String, AddressBook.Answer>> decide = found -> {
            try {
                then.accept(ordered(route, asked, found));
            } catch (Throwable bug) {
                failed.accept(bug);
            }
        };
        new Gathering(asked.size(), decide).gather(asked, now);
    }

    private AddressPlan ordered(ExchangerSet route, List<Exchanger> exchangers, Map<String, AddressBook.Answer> found) {
        long now = now();
        boolean anywhere = outfit.config().allowLocalExchangers() || route.configured();
        AddressPlan.Terms terms = new AddressPlan.Terms(
                outfit.config().port(),
                address -> !anywhere && AddressRules.isLocal(address, outfit.ownAddresses()),
                endpoint -> memory.isDead(endpoint.address(), now),
                outfit.source().reaches(),
                families.avoided(
                        family -> found.values().stream()
                                .flatMap(answer -> answer.addresses().stream())
                                .anyMatch(family::includes),
                        now));
        return AddressPlan.of(exchangers, host -> found.getOrDefault(host, AddressBook.Answer.FAILED), terms, random);
    }

    /** The answers for the names of one route, which keep while the slowest of them is looked up. */
    private final class Gathering {
        private final Map<String, AddressBook.Answer> found = new HashMap<>();
        private final Consumer<Map<String, AddressBook.Answer>> then;
        private int missing;

        Gathering(int names, Consumer<Map<String, AddressBook.Answer>> then) {
            this.missing = names + 1;
            this.then = then;
        }

        void gather(List<Exchanger> exchangers, long now) {
            for (Exchanger exchanger : exchangers) {
                book.whenKnown(exchanger.getHost(), now, answer -> {
                    found.put(exchanger.getHost(), answer);
                    one();
                });
            }
            one();
        }

        private void one() {
            if (--missing == 0) {
                then.accept(found);
            }
        }
    }

    /** Without the lease it may start nothing, and looks again at the next tick. */
    boolean hasLease(Destination destination, long now) {
        return orWaits(destination, outfit.lease().isHeld(now));
    }

    /** Takes the permission for one dot. */
    boolean permitsDot(Destination destination, long now) {
        return orWaits(destination, outfit.lease().permitsDot(now));
    }

    private boolean orWaits(Destination destination, boolean permitted) {
        if (!permitted) {
            impatient.add(destination);
            tickWithin(TICK_NANOS);
        }
        return permitted;
    }

    private void tickWithin(long nanos) {
        long at = now() + nanos;
        if (nextTick == null || at - nextTickAt < 0) {
            if (nextTick != null) {
                nextTick.cancel(false);
            }
            nextTickAt = at;
            nextTick = loop.schedule(this::tick, nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Looks at what the passing of time has changed, and again when it may have changed more. */
    private void tick() {
        nextTick = null;
        try {
            look(now());
        } finally {
            if (!impatient.isEmpty() || quiet != null) {
                tickWithin(TICK_NANOS);
            } else if (!awake.isEmpty() || connections.isAnyIdle()) {
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
        } else if (!impatient.isEmpty()) {
            List<Destination> waited = List.copyOf(impatient);
            impatient.clear();
            waited.forEach(destination -> guarded(destination, one -> one.tick(now)));
        }
        if (quiet != null && destinations.values().stream().allMatch(Destination::isQuiet)) {
            connections.quitIdle();
            quiet.trySuccess(null);
        }
    }

    private void round(long now) {
        impatient.clear();
        for (Destination destination : List.copyOf(awake)) {
            guarded(destination, one -> one.tick(now));
            if (destination.isAsleep()) {
                awake.remove(destination);
                destination.fallAsleep();
            }
        }
        connections.quitExpired(now);
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
    private static void guarded(Destination destination, Consumer<Destination> step) {
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
        quiet = whenQuiet;
        tickWithin(TICK_NANOS);
        revokeIf(open -> true);
    }

    /** No more time for what is past its dot. */
    void closeNow() {
        abandonIf(open -> true);
        connections.abortAll("this node closes");
    }
}
