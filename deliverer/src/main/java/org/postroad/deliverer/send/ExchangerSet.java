package org.postroad.deliverer.send;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.TlsPolicy;

/**
 * The exchangers of a route and the way to speak to them: a value, and all that is kept of a delivery once it is gone.
 *
 * @param configured whether an operator named them
 */
record ExchangerSet(boolean configured, List<Host> hosts) {
    private static final Comparator<Host> ORDER = Comparator.comparingInt(Host::preference)
            .thenComparing(Host::name)
            .thenComparingInt(Host::port)
            .thenComparing(Host::tls);

    /** One of them; port 0 is the usual one. */
    record Host(String name, int preference, int port, TlsPolicy tls) {
        private boolean is(Exchanger exchanger) {
            return exchanger.getPreference() == preference
                    && exchanger.getPort() == port
                    && exchanger.getTls() == tls
                    && Objects.equals(exchanger.getHost(), name);
        }
    }

    ExchangerSet {
        hosts = List.copyOf(hosts);
    }

    /** In whatever order DNS told them. */
    static ExchangerSet of(Delivery delivery) {
        List<Host> hosts = new ArrayList<>();
        for (Exchanger one : RoutePolicy.exchangers(delivery)) {
            hosts.add(new Host(one.getHost(), one.getPreference(), one.getPort(), one.getTls()));
        }
        hosts.sort(ORDER);
        return new ExchangerSet(RoutePolicy.isConfigured(delivery), hosts);
    }

    /** The preferred ones first. */
    List<Exchanger> inOrder() {
        List<Exchanger> exchangers = new ArrayList<>(hosts.size());
        for (Host host : hosts) {
            exchangers.add(new Exchanger(host.name(), host.preference(), host.port(), host.tls()));
        }
        return exchangers;
    }

    /** Whether that delivery has the same, in this order; field by field: Avro's own equals walks the schema. */
    boolean isOf(Delivery delivery) {
        List<Exchanger> theirs = RoutePolicy.exchangers(delivery);
        boolean same = hosts.size() == theirs.size() && configured == RoutePolicy.isConfigured(delivery);
        for (int i = 0; same && i < hosts.size(); i++) {
            same = hosts.get(i).is(theirs.get(i));
        }
        return same;
    }
}
