package org.postroad.deliverer.address;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.RequireTls;
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
        for (Exchanger one : usable(delivery)) {
            hosts.add(new Host(one.getHost(), one.getPreference(), one.getPort(), one.getTls()));
        }
        hosts.sort(ORDER);
        return new ExchangerSet(isConfigured(delivery), hosts);
    }

    /**
     * The exchangers that the mail may go to, on the terms that it has; none where the sender requires TLS (RFC 8689) and nobody has proven
     * which they are. A name that a plain answer of DNS gave may be an attacker's, whatever certificate it has; that of the domain
     * itself, or one that an operator named, is not. A report about such mail goes to all of them, but never in clear.
     */
    public static List<Exchanger> usable(Delivery delivery) {
        List<Exchanger> all = delivery.getRoute().getExchangers();
        if (!RequireTls.isAskedFor(delivery.getEnvelope())) {
            return all;
        }
        boolean isReport = delivery.getEnvelope().getReversePath().isEmpty();
        List<Exchanger> usable = new ArrayList<>(all.size());
        for (Exchanger one : all) {
            if (isReport || isProven(one, delivery)) {
                TlsPolicy tls =
                        isReport && one.getTls() != TlsPolicy.VERIFIED ? TlsPolicy.REQUIRED : TlsPolicy.VERIFIED;
                usable.add(new Exchanger(one.getHost(), one.getPreference(), one.getPort(), tls));
            }
        }
        return usable;
    }

    private static boolean isProven(Exchanger exchanger, Delivery delivery) {
        return delivery.getRoute().getKind() == RouteKind.CONFIGURED
                || Ascii.equalsIgnoringCase(exchanger.getHost(), delivery.getDomain())
                || isOfLiteral(delivery.getDomain(), delivery.getRoute());
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
        List<Exchanger> theirs = usable(delivery);
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
