package org.postroad.deliverer.send;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.work.Completion;
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

    /** Deadlines are seconds to minutes; the lease comes back within tens of milliseconds. */
    private static final Duration TICK = Duration.ofMillis(50);

    /** How long a destination without mail keeps what it learned: windows and throttles outlive a pause. */
    static final long REMEMBERED_NANOS = Duration.ofMinutes(10).toNanos();

    /** So many exchangers of a route are asked for addresses, the preferred ones. */
    private static final int EXCHANGERS = 10;

    /** The destination with most waiting of those looked at so far. */
    record Fullest(@Nullable Station station, @Nullable Destination destination, int waiting) {
        static final Fullest NONE = new Fullest(null, null, 0);
    }

    private final Outfit outfit;
    private final EventLoop loop;
    private final Bootstrap bootstrap;
    private final int connectionLimit;
    private final AddressBook book;
    private final ExchangerMemory memory = new ExchangerMemory();
    private final Map<String, Destination> destinations = new HashMap<>();
    private final Set<Destination> awake = new HashSet<>();
    private long forgotAt = System.nanoTime();
    private int connections;
    private boolean closing;
    private @Nullable Promise<Void> quiet;

    Station(Outfit outfit, EventLoop loop, Bootstrap bootstrap, int connectionLimit) {
        this.outfit = outfit;
        this.loop = loop;
        this.bootstrap = bootstrap;
        this.connectionLimit = connectionLimit;
        this.book = new AddressBook(loop, outfit.config().dnsServers());
    }

    void run() {
        loop.scheduleAtFixedRate(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    Outfit outfit() {
        return outfit;
    }

    EventLoop loop() {
        return loop;
    }

    ExchangerMemory memory() {
        return memory;
    }

    Bootstrap bootstrap() {
        return bootstrap.clone();
    }

    boolean isClosing() {
        return closing;
    }

    boolean mayConnect() {
        return connections < connectionLimit;
    }

    void connecting() {
        connections++;
        outfit.metrics().connecting();
    }

    void disconnected() {
        connections--;
        outfit.metrics().connectionClosed();
    }

    void accept(OpenDelivery open) {
        assert loop.inEventLoop();
        if (closing) {
            outfit.completions().complete(Completion.givenBack(open));
            return;
        }
        Delivery delivery = open.delivery();
        String name = delivery.getShard() == 0
                ? delivery.getDestination()
                : delivery.getDestination() + "/" + delivery.getShard();
        Destination destination = destinations.get(name);
        if (destination == null) {
            destination = new Destination(delivery.getDestination(), this);
            destinations.put(name, destination);
        }
        awake.add(destination);
        destination.accept(open);
    }

    /** Looks up what is not known of the route's exchangers, then decides the order. */
    void plan(Delivery delivery, Consumer<AddressPlan> then) {
        long now = System.nanoTime();
        List<Exchanger> exchangers = new ArrayList<>(RoutePolicy.exchangers(delivery));
        exchangers.sort(Comparator.comparingInt(Exchanger::getPreference));
        List<Exchanger> asked = exchangers.subList(0, Math.min(EXCHANGERS, exchangers.size()));
        Runnable planned = () -> then.accept(ordered(delivery, asked));
        new Gathering(asked.size(), planned).gather(asked, now);
    }

    private AddressPlan ordered(Delivery delivery, List<Exchanger> exchangers) {
        long now = System.nanoTime();
        boolean anywhere = outfit.config().allowLocalExchangers() || RoutePolicy.isConfigured(delivery);
        AddressPlan.Terms terms = new AddressPlan.Terms(
                outfit.config().port(),
                RoutePolicy.tls(delivery),
                address -> !anywhere && AddressRules.isLocal(address, outfit.ownAddresses()),
                endpoint -> memory.isDead(endpoint.address(), now),
                endpoint -> memory.isWithoutTls(endpoint.address(), now));
        return AddressPlan.of(exchangers, host -> answer(host, now), terms, ThreadLocalRandom.current());
    }

    private AddressBook.Answer answer(String host, long now) {
        AddressBook.Answer known = book.known(host, now);
        return known == null ? AddressBook.Answer.FAILED : known;
    }

    /** Counts the names of one route that are still being looked up. */
    private final class Gathering {
        private int missing;
        private final Runnable then;

        Gathering(int names, Runnable then) {
            this.missing = names + 1;
            this.then = then;
        }

        void gather(List<Exchanger> exchangers, long now) {
            for (Exchanger exchanger : exchangers) {
                book.whenKnown(exchanger.getHost(), now, this::one);
            }
            one();
        }

        private void one() {
            if (--missing == 0) {
                then.run();
            }
        }
    }

    private void tick() {
        long now = System.nanoTime();
        for (Destination destination : List.copyOf(awake)) {
            try {
                destination.tick(now);
                if (destination.isAsleep()) {
                    awake.remove(destination);
                }
            } catch (RuntimeException | AssertionError bug) {
                LOG.atError()
                        .setCause(bug)
                        .addKeyValue("destination", destination.name())
                        .log("unforeseen exception");
            }
        }
        if (now - forgotAt > REMEMBERED_NANOS / 10) {
            forgotAt = now;
            destinations.values().removeIf(destination -> destination.isForgettable(now));
        }
        if (quiet != null && destinations.values().stream().allMatch(Destination::isQuiet)) {
            destinations.values().forEach(Destination::quitIdle);
            quiet.trySuccess(null);
        }
    }

    void revoke(Set<TopicPartition> partitions) {
        destinations.values().forEach(d -> d.revoke(open -> partitions.contains(open.partition())));
    }

    void abandon(Set<TopicPartition> partitions) {
        destinations.values().forEach(d -> d.abandon(open -> partitions.contains(open.partition())));
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
        destinations.values().forEach(destination -> destination.revoke(open -> true));
    }

    /** No more time for what is past its dot. */
    void closeNow() {
        destinations.values().forEach(destination -> destination.abandon(open -> true));
    }
}
