package org.postroad.deliverer.fate;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.address.AddressPlan;
import org.postroad.deliverer.address.ExchangerSet;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.smtp.Capabilities;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Route;

/** What can be judged before anything is sent: by the route, by its addresses, by what an exchanger offers. Pure. */
public final class RoutePolicy {
    /** DNS may have changed since; the mail is routed afresh. */
    public static final Duration ROUTE_LIFE = Duration.ofHours(1);

    private static final Duration NEWER_WAIT = Duration.ofMinutes(5);

    private RoutePolicy() {}

    /** The outcome of every recipient, or null when there are exchangers to try. */
    public static @Nullable Outcome ofRoute(Delivery delivery, ReplySource said) {
        if (isTooOld(delivery, said.nowMillis()) && !wasRerouted(delivery)) {
            return new Outcome.Untried(Duration.ZERO, "route too old");
        }
        Route route = delivery.getRoute();
        return switch (route.getKind()) {
            case MX, CONFIGURED -> ExchangerSet.usable(delivery).isEmpty() ? unproven(said) : null;
            case NULL_MX -> new Outcome.Bounced(said.own(556, "5.1.10", "the domain accepts no mail (null MX)"));
            case NO_SUCH_DOMAIN -> new Outcome.Bounced(said.own(550, "5.1.2", "the domain does not exist"));
            case LOOP -> {
                String text = "the mail exchanger " + route.getWords() + " is this system itself";
                yield new Outcome.Bounced(said.own(554, "5.4.6", text));
            }
            case LOOKUP_FAILED -> new Outcome.Deferred(said.own(451, "4.4.3", route.getWords()), false);
            case FAULT -> new Outcome.Faulted(said.own(451, "4.3.0", route.getWords()));
            // Put off before it comes here, with all that it says.
            case UNKNOWN -> new Outcome.Untried(NEWER_WAIT, "a kind of route that only newer nodes know");
        };
    }

    private static Outcome unproven(ReplySource said) {
        String text = "REQUIRETLS: neither DNSSEC nor MTA-STS proves the names of the mail exchangers";
        return new Outcome.Bounced(said.own(550, "5.7.10", text));
    }

    /** Mail of RFC 8689 that no exchanger may be given; section 4.2.1 has the codes. */
    public static Outcome withoutRequiredTls(boolean hasTls, String detail, ReplySource said) {
        return new Outcome.Bounced(said.own(550, hasTls ? "5.7.30" : "5.7.10", "REQUIRETLS: " + detail));
    }

    /** By this node's clock and its router's, which may differ. */
    public static boolean isTooOld(Delivery delivery, long nowMillis) {
        return nowMillis - delivery.getRoutedAt() > ROUTE_LIFE.toMillis();
    }

    /**
     * Whether its route was made afresh for being too old. Where that one is too old again the two clocks differ, or mail waits that long
     * on its way here, and a third would be no younger: what there is gets used, rather than to let mail circle at full speed.
     */
    public static boolean wasRerouted(Delivery delivery) {
        return Envelopes.reroutes(delivery.getEnvelope()) > 0;
    }

    /** No exchanger has an address that may be used. */
    public static Outcome withoutAddresses(AddressPlan plan, Delivery delivery, ReplySource said) {
        AddressFamily reached = plan.reached();
        if (plan.unresolved()) {
            return new Outcome.Deferred(said.own(451, "4.4.3", "the exchangers' addresses are not known now"), false);
        }
        if (plan.refusedLocal()) {
            String why = "the mail exchangers have local or private addresses only";
            return new Outcome.Bounced(said.own(550, "5.4.4", why));
        }
        if (reached == AddressFamily.ANY) {
            return new Outcome.Bounced(said.own(550, "5.4.4", "the mail exchangers have no address"));
        }
        String why =
                "the mail exchangers have no " + reached + " address, and this system sends by " + reached + " alone";
        return ExchangerSet.isConfigured(
                        delivery) // then an operator contradicts himself, for which no mail is to blame
                ? new Outcome.Deferred(said.own(451, "4.4.4", why), false)
                : new Outcome.Bounced(said.own(550, "5.4.4", why));
    }

    /** What the exchanger's offer forbids, or null; RFC 1870 section 6.1, RFC 6531 section 3.2. */
    public static @Nullable Outcome ofOffer(
            Capabilities offered, long octets, boolean needsSmtpUtf8, ReplySource said) {
        if (offered.maxOctets() > 0 && octets > offered.maxOctets()) {
            String text = "message of " + octets + " octets, the exchanger takes " + offered.maxOctets();
            return new Outcome.Bounced(said.own(552, "5.3.4", text));
        }
        return needsSmtpUtf8 && !offered.smtpUtf8()
                ? new Outcome.Bounced(said.own(553, "5.6.7", "the exchanger does not offer SMTPUTF8"))
                : null;
    }

    public static Outcome badRecipient(ReplySource said) {
        return new Outcome.Bounced(said.own(553, "5.1.3", "not an address that can be put into a command"));
    }

    public static Outcome badReversePath(ReplySource said) {
        return new Outcome.Faulted(said.own(451, "4.3.0", "a reverse-path that cannot be put into a command"));
    }
}
