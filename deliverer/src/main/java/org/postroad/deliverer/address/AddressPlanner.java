package org.postroad.deliverer.address;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.schemas.Exchanger;

/** Finds the addresses of a route's exchangers, and the order in which they are tried; confined to its loop. */
public final class AddressPlanner {
    /** So many exchangers of a route are asked for addresses, the preferred ones. */
    private static final int EXCHANGERS = 10;

    private final DelivererConfig config;
    private final Set<InetAddress> own;
    private final EventLoop loop;
    private final AddressBook book;
    private final AddressFamilies families;
    private final ExchangerMemory memory;
    private final RandomGenerator random;

    /** @param own addresses of this host, which only an operator may name */
    public AddressPlanner(
            DelivererConfig config,
            Set<InetAddress> own,
            EventLoop loop,
            AddressBook book,
            AddressFamilies families,
            ExchangerMemory memory,
            RandomGenerator random) {
        this.config = config;
        this.own = own;
        this.loop = loop;
        this.book = book;
        this.families = families;
        this.memory = memory;
        this.random = random;
    }

    /**
     * Looks up what is not known of the route's exchangers, then decides the order.
     *
     * @param then hears of the plan, at once or later
     * @param failed hears of an exception nobody foresaw instead: whoever waits for a plan holds a connection's place
     */
    public void plan(ExchangerSet route, Consumer<AddressPlan> then, Consumer<Throwable> failed) {
        List<Exchanger> exchangers = route.inOrder();
        List<Exchanger> asked = exchangers.subList(0, Math.min(EXCHANGERS, exchangers.size()));
        Consumer<Map<String, AddressBook.Answer>> decide = found -> {
            try {
                then.accept(ordered(route, asked, found));
            } catch (Throwable bug) {
                failed.accept(bug);
            }
        };
        new Gathering(asked.size(), decide).gather(asked);
    }

    private AddressPlan ordered(ExchangerSet route, List<Exchanger> exchangers, Map<String, AddressBook.Answer> found) {
        long now = now();
        boolean anywhere = config.allowLocalExchangers() || route.configured();
        AddressPlan.Terms terms = new AddressPlan.Terms(
                config.port(),
                address -> !anywhere && AddressRules.isLocal(address, own),
                endpoint -> memory.isDead(endpoint.address(), now),
                config.source().reaches(),
                families.avoided(family -> isAny(family, found), now));
        return AddressPlan.of(exchangers, host -> found.getOrDefault(host, AddressBook.Answer.FAILED), terms, random);
    }

    private static boolean isAny(AddressFamily family, Map<String, AddressBook.Answer> found) {
        return found.values().stream()
                .flatMap(answer -> answer.addresses().stream())
                .anyMatch(family::includes);
    }

    /** By its loop's clock, in nanoseconds. */
    public long now() {
        return loop.ticker().nanoTime();
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

        void gather(List<Exchanger> exchangers) {
            long now = now();
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
}
