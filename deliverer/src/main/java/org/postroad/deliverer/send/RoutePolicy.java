package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.Capabilities;
import org.postroad.deliverer.work.AddressFamily;
import org.postroad.deliverer.work.Outcome;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.Exchangers;
import org.postroad.schemas.LookupFailed;
import org.postroad.schemas.Loop;
import org.postroad.schemas.NoSuchDomain;
import org.postroad.schemas.NullMx;
import org.postroad.schemas.Smarthost;
import org.postroad.schemas.TlsPolicy;

/** What can be judged before anything is sent: by the route, by its addresses, by what an exchanger offers. Pure. */
final class RoutePolicy {
    /** DNS may have changed since; the mail is routed afresh. */
    static final Duration ROUTE_LIFE = Duration.ofHours(1);

    private RoutePolicy() {}

    /** The fate of every recipient, or null when there are exchangers to try. */
    static @Nullable Outcome ofRoute(Delivery delivery, Words words) {
        Object route = delivery.getRoute();
        if (isTooOld(delivery, words.nowMillis()) && !wasRerouted(delivery)) {
            return new Outcome.Untried(Duration.ZERO, "route too old");
        }
        if (route instanceof NullMx) {
            return new Outcome.Bounced(words.own(556, "5.1.10", "the domain accepts no mail (null MX)"));
        }
        if (route instanceof NoSuchDomain) {
            return new Outcome.Bounced(words.own(550, "5.1.2", "the domain does not exist"));
        }
        if (route instanceof Loop loop) {
            String text = "the mail exchanger " + loop.getExchanger() + " is this system itself";
            return new Outcome.Bounced(words.own(554, "5.4.6", text));
        }
        if (route instanceof LookupFailed failed) {
            return failed.getFault()
                    ? new Outcome.Faulted(words.own(451, "4.3.0", failed.getDetail()))
                    : new Outcome.Deferred(words.own(451, "4.4.3", failed.getDetail()), false);
        }
        return null;
    }

    /** By this node's clock and its router's, which may differ. */
    static boolean isTooOld(Delivery delivery, long nowMillis) {
        return nowMillis - delivery.getRoutedAt() > ROUTE_LIFE.toMillis();
    }

    /**
     * Whether its route was made afresh for being too old. Where that one is too old again the two clocks differ, or mail waits that long
     * on its way here, and a third would be no younger: what there is gets used, rather than to let mail circle at full speed.
     */
    static boolean wasRerouted(Delivery delivery) {
        return Envelopes.reroutes(delivery.getEnvelope()) > 0;
    }

    static List<Exchanger> exchangers(Delivery delivery) {
        Object route = delivery.getRoute();
        return route instanceof Smarthost smarthost ? smarthost.getHosts() : ((Exchangers) route).getExchangers();
    }

    static TlsPolicy tls(Delivery delivery) {
        Object route = delivery.getRoute();
        return route instanceof Smarthost smarthost ? smarthost.getTls() : ((Exchangers) route).getTls();
    }

    /** Whether an operator named the hosts, which may then be anywhere; in an address literal the recipient named one. */
    static boolean isConfigured(Delivery delivery) {
        return delivery.getRoute() instanceof Smarthost smarthost && !isOfLiteral(delivery.getDomain(), smarthost);
    }

    /** An operator's route for a literal, or for everything, leads elsewhere or names a port. */
    private static boolean isOfLiteral(String domain, Smarthost route) {
        if (!Domain.isAddressLiteral(domain) || route.getHosts().size() != 1) {
            return false;
        }
        Exchanger only = route.getHosts().get(0);
        String address = "[" + only.getHost() + "]";
        return only.getPort() == 0
                && (domain.equals(address) || Ascii.equalsIgnoringCase(domain, address.replace("[", "[IPv6:")));
    }

    /** No exchanger has an address that may be used. */
    static Outcome withoutAddresses(AddressPlan plan, Delivery delivery, Words words) {
        AddressFamily reached = plan.reached();
        if (plan.unresolved()) {
            return new Outcome.Deferred(words.own(451, "4.4.3", "the exchangers' addresses are not known now"), false);
        }
        if (plan.refusedLocal()) {
            String why = "the mail exchangers have local or private addresses only";
            return new Outcome.Bounced(words.own(550, "5.4.4", why));
        }
        if (reached == AddressFamily.ANY) {
            return new Outcome.Bounced(words.own(550, "5.4.4", "the mail exchangers have no address"));
        }
        String why =
                "the mail exchangers have no " + reached + " address, and this system sends by " + reached + " alone";
        return isConfigured(delivery) // then an operator contradicts himself, for which no mail is to blame
                ? new Outcome.Deferred(words.own(451, "4.4.4", why), false)
                : new Outcome.Bounced(words.own(550, "5.4.4", why));
    }

    /** What the exchanger's offer forbids, or null; RFC 1870 section 6.1, RFC 6531 section 3.2. */
    static @Nullable Outcome ofOffer(Capabilities offered, long octets, boolean needsSmtpUtf8, Words words) {
        if (offered.maxOctets() > 0 && octets > offered.maxOctets()) {
            String text = "message of " + octets + " octets, the exchanger takes " + offered.maxOctets();
            return new Outcome.Bounced(words.own(552, "5.3.4", text));
        }
        return needsSmtpUtf8 && !offered.smtpUtf8()
                ? new Outcome.Bounced(words.own(553, "5.6.7", "the exchanger does not offer SMTPUTF8"))
                : null;
    }

    static Outcome badRecipient(Words words) {
        return new Outcome.Bounced(words.own(553, "5.1.3", "not an address that can be put into a command"));
    }

    static Outcome badReversePath(Words words) {
        return new Outcome.Faulted(words.own(451, "4.3.0", "a reverse-path that cannot be put into a command"));
    }
}
