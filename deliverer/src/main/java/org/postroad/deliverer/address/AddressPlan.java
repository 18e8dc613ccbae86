package org.postroad.deliverer.address;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.schemas.Exchanger;

/**
 * The addresses to try for a route, in order: a value.
 *
 * @param preferred so many of the first are equally good, so a connection to any of them may be used
 * @param unresolved some exchanger's addresses are not known now
 * @param refusedLocal some address was refused because it is ours or private
 * @param reached the families that were looked for
 */
public record AddressPlan(
        List<Endpoint> endpoints, int preferred, boolean unresolved, boolean refusedLocal, AddressFamily reached) {
    /** RFC 5321 section 5.1 asks for two at least; Postfix and Exim try five. */
    static final int ADDRESSES = 5;

    /**
     * What decides beside the route.
     *
     * @param refused addresses that are not to be used
     * @param dead those that failed lately
     * @param reached the families that were looked for
     * @param avoided the one of them that does not work here, ANY for none
     */
    record Terms(
            int port,
            Predicate<InetAddress> refused,
            Predicate<Endpoint> dead,
            AddressFamily reached,
            AddressFamily avoided) {
        Endpoint endpoint(Exchanger exchanger, InetAddress address) {
            int at = exchanger.getPort() == 0 ? port : exchanger.getPort();
            return Endpoint.of(exchanger.getHost(), address, at, exchanger.getTls());
        }

        private boolean isAvoided(Endpoint endpoint) {
            return avoided == family(endpoint);
        }
    }

    static AddressPlan of(
            List<Exchanger> exchangers,
            Function<String, AddressBook.Answer> book,
            Terms terms,
            RandomGenerator random) {
        boolean unresolved = false;
        boolean refusedLocal = false;
        Map<Integer, List<List<Endpoint>>> byPreference = new TreeMap<>();
        for (Exchanger exchanger : exchangers) {
            AddressBook.Answer answer = book.apply(exchanger.getHost());
            unresolved |= answer.failed();
            List<Endpoint> usable = new ArrayList<>();
            for (InetAddress address : answer.addresses()) {
                boolean refused = terms.refused().test(address);
                refusedLocal |= refused;
                if (!refused) {
                    usable.add(terms.endpoint(exchanger, address));
                }
            }
            byPreference
                    .computeIfAbsent(exchanger.getPreference(), p -> new ArrayList<>())
                    .add(usable);
        }
        byPreference.values().forEach(hosts -> Collections.shuffle(hosts, new Random(random.nextLong())));
        Map<Endpoint, Integer> alive = new LinkedHashMap<>();
        Map<Endpoint, Integer> all = new LinkedHashMap<>();
        add(byPreference, endpoint -> !terms.dead().test(endpoint) && !terms.isAvoided(endpoint), alive);
        all.putAll(alive);
        add(byPreference, endpoint -> !terms.isAvoided(endpoint), all);
        List<Endpoint> tried = withBothFamilies(List.copyOf(all.keySet()));
        if (tried.size() < ADDRESSES) {
            add(byPreference, endpoint -> true, all);
            tried = all.keySet().stream().limit(ADDRESSES).toList();
        }
        return new AddressPlan(tried, preferred(tried, all, alive.size()), unresolved, refusedLocal, terms.reached());
    }

    /** Those that may be used now, in order: what is there already comes first. */
    private static void add(
            Map<Integer, List<List<Endpoint>>> byPreference, Predicate<Endpoint> which, Map<Endpoint, Integer> all) {
        byPreference.forEach((preference, hosts) -> {
            List<List<Endpoint>> usable = hosts.stream()
                    .map(host -> host.stream().filter(which).toList())
                    .toList();
            interleave(usable).forEach(endpoint -> all.putIfAbsent(endpoint, preference));
        });
    }

    private static int preferred(List<Endpoint> tried, Map<Endpoint, Integer> preferences, int alive) {
        int candidates = alive == 0 ? tried.size() : Math.min(tried.size(), alive);
        int preferred = 0;
        while (preferred < candidates
                && Objects.equals(preferences.get(tried.get(preferred)), preferences.get(tried.get(0)))) {
            preferred++;
        }
        return preferred;
    }

    /** The same with one address last, if there are others: the one where a message may have arrived already. */
    public AddressPlan avoiding(String label) {
        List<Endpoint> others = new ArrayList<>();
        List<Endpoint> avoided = new ArrayList<>();
        endpoints.forEach(endpoint -> (endpoint.label().equals(label) ? avoided : others).add(endpoint));
        if (avoided.isEmpty() || others.isEmpty()) {
            return this;
        }
        int before = (int) endpoints.subList(0, preferred).stream()
                .filter(endpoint -> !endpoint.label().equals(label))
                .count();
        others.addAll(avoided);
        return new AddressPlan(List.copyOf(others), Math.max(1, before), unresolved, refusedLocal, reached);
    }

    public boolean prefers(Endpoint endpoint) {
        for (int i = 0; i < preferred; i++) {
            if (endpoints.get(i).equals(endpoint)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The first ones, the last of which gives way when all are of one family and there is another: this host, or the network before it, may
     * have no way for that family at all (RFC 8305 section 4).
     */
    private static List<Endpoint> withBothFamilies(List<Endpoint> all) {
        if (all.size() <= ADDRESSES) {
            return List.copyOf(all);
        }
        List<Endpoint> tried = new ArrayList<>(all.subList(0, ADDRESSES));
        AddressFamily family = family(tried.get(0));
        if (tried.stream().allMatch(endpoint -> family(endpoint) == family)) {
            all.stream()
                    .filter(endpoint -> family(endpoint) != family)
                    .findFirst()
                    .ifPresent(other -> tried.set(ADDRESSES - 1, other));
        }
        return List.copyOf(tried);
    }

    static AddressFamily family(Endpoint endpoint) {
        return AddressFamily.of(endpoint.address().getAddress());
    }

    /**
     * An address of each host in turn, so that no host with many hides the others, and of the two families in turn, IPv6 first (RFC 8305
     * section 4): whatever does not work, a host or a family, something else is tried next.
     */
    private static List<Endpoint> interleave(List<List<Endpoint>> hosts) {
        List<List<Endpoint>> left =
                hosts.stream().<List<Endpoint>>map(ArrayList::new).toList();
        int count = left.stream().mapToInt(List::size).sum();
        List<Endpoint> all = new ArrayList<>();
        AddressFamily wanted = AddressFamily.IPV6;
        while (all.size() < count) {
            for (List<Endpoint> host : left) {
                if (!host.isEmpty()) {
                    Endpoint next = takeOf(wanted, host);
                    wanted = family(next).other();
                    all.add(next);
                }
            }
        }
        return all;
    }

    private static Endpoint takeOf(AddressFamily wanted, List<Endpoint> host) {
        for (int i = 0; i < host.size(); i++) {
            if (family(host.get(i)) == wanted) {
                return host.remove(i);
            }
        }
        return host.remove(0);
    }
}
