package org.postroad.deliverer.address;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.Route;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.TlsPolicy;

/**
 * The exchangers of a route and the way to speak to them: a value, and all that is kept of a delivery once it is gone.
 *
 * @param configured whether an operator named them
 */
public record ExchangerSet(boolean configured, List<Host> hosts) {
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

    public ExchangerSet {
        hosts = List.copyOf(hosts);
    }

    /** In whatever order DNS told them. */
    public static ExchangerSet of(Delivery delivery) {
        List<Host> hosts = new ArrayList<>();
        for (Exchanger one : delivery.getRoute().getExchangers()) {
            hosts.add(new Host(one.getHost(), one.getPreference(), one.getPort(), one.getTls()));
        }
        hosts.sort(ORDER);
        return new ExchangerSet(isConfigured(delivery), hosts);
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
    public boolean isOf(Delivery delivery) {
        List<Exchanger> theirs = delivery.getRoute().getExchangers();
        boolean same = hosts.size() == theirs.size() && configured == isConfigured(delivery);
        for (int i = 0; same && i < hosts.size(); i++) {
            same = hosts.get(i).is(theirs.get(i));
        }
        return same;
    }

    /** Whether an operator named the hosts, which may then be anywhere; in an address literal the recipient named one. */
    public static boolean isConfigured(Delivery delivery) {
        Route route = delivery.getRoute();
        return route.getKind() == RouteKind.CONFIGURED && !isOfLiteral(delivery.getDomain(), route);
    }

    /** An operator's route for a literal, or for everything, leads elsewhere or names a port. */
    private static boolean isOfLiteral(String domain, Route route) {
        if (!Domain.isAddressLiteral(domain) || route.getExchangers().size() != 1) {
            return false;
        }
        Exchanger only = route.getExchangers().get(0);
        String address = "[" + only.getHost() + "]";
        return only.getPort() == 0
                && (domain.equals(address) || Ascii.equalsIgnoringCase(domain, address.replace("[", "[IPv6:")));
    }
}
