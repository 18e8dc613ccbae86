package org.postroad.deliverer.send;

import java.net.Inet6Address;
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
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.TlsPolicy;

/**
 * The addresses to try for a route, in order: a value.
 *
 * @param preferred so many of the first are equally good, so a connection to any of them may be used
 * @param unresolved some exchanger's addresses are not known now
 * @param refusedLocal some address was refused because it is ours or private
 */
record AddressPlan(List<Endpoint> endpoints, int preferred, boolean unresolved, boolean refusedLocal) {
    /** RFC 5321 section 5.1 asks for two at least; Postfix and Exim try five. */
    static final int ADDRESSES = 5;

    /** What decides beside the route. */
    record Terms(int port, TlsPolicy tls, Predicate<InetAddress> refused, Predicate<Endpoint> dead) {
        Endpoint endpoint(Exchanger exchanger, InetAddress address) {
            int at = exchanger.getPort() == 0 ? port : exchanger.getPort();
            return Endpoint.of(exchanger.getHost(), address, at, tls);
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
        Map<Endpoint, Integer> ordered = new LinkedHashMap<>();
        byPreference.forEach((preference, hosts) -> {
            Collections.shuffle(hosts, new Random(random.nextLong()));
            interleave(hosts).forEach(endpoint -> ordered.putIfAbsent(endpoint, preference));
        });
        return ofOrdered(ordered, terms.dead(), unresolved, refusedLocal);
    }

    /** The same with one address last, if there are others: the one where a message may have arrived already. */
    AddressPlan avoiding(String label) {
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
        return new AddressPlan(List.copyOf(others), Math.max(1, before), unresolved, refusedLocal);
    }

    boolean prefers(Endpoint endpoint) {
        for (int i = 0; i < preferred; i++) {
            if (endpoints.get(i).equals(endpoint)) {
                return true;
            }
        }
        return false;
    }

    /** Addresses that failed lately go last, whatever their preference: a dead host costs one message a wait, not all. */
    private static AddressPlan ofOrdered(
            Map<Endpoint, Integer> ordered, Predicate<Endpoint> dead, boolean unresolved, boolean refusedLocal) {
        List<Endpoint> alive = new ArrayList<>();
        List<Endpoint> failing = new ArrayList<>();
        ordered.keySet().forEach(endpoint -> (dead.test(endpoint) ? failing : alive).add(endpoint));
        List<Endpoint> all = new ArrayList<>(alive);
        all.addAll(failing);
        List<Endpoint> tried = withBothFamilies(all);
        int preferred = 0;
        int candidates = alive.isEmpty() ? tried.size() : Math.min(tried.size(), alive.size());
        while (preferred < candidates && Objects.equals(ordered.get(tried.get(preferred)), ordered.get(tried.get(0)))) {
            preferred++;
        }
        return new AddressPlan(tried, preferred, unresolved, refusedLocal);
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
        boolean six = isIpv6(tried.get(0));
        if (tried.stream().allMatch(endpoint -> isIpv6(endpoint) == six)) {
            all.stream()
                    .filter(endpoint -> isIpv6(endpoint) != six)
                    .findFirst()
                    .ifPresent(other -> tried.set(ADDRESSES - 1, other));
        }
        return List.copyOf(tried);
    }

    private static boolean isIpv6(Endpoint endpoint) {
        return endpoint.address().getAddress() instanceof Inet6Address;
    }

    /** The hosts' first addresses, then their second ones: no host with many addresses hides the others. */
    private static List<Endpoint> interleave(List<List<Endpoint>> hosts) {
        List<Endpoint> all = new ArrayList<>();
        int longest = hosts.stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < longest; i++) {
            for (List<Endpoint> host : hosts) {
                if (i < host.size()) {
                    all.add(host.get(i));
                }
            }
        }
        return all;
    }
}
