package org.postroad.router;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.router.MxAnswer.MxHost;
import org.postroad.router.RouterConfig.ConfiguredRoute;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.Route;
import org.postroad.schemas.RouteKind;
import org.postroad.schemas.Routes;
import org.postroad.schemas.TlsPolicy;
import org.postroad.schemas.policy.Policies;
import org.xbill.DNS.Address;

/**
 * What a route is: the operator's own routes first, then address literals, then RFC 5321 section 5.1 and RFC 7505 over
 * what DNS said. It never judges: a domain that takes no mail has a route that says so.
 */
final class RoutePlan {
    private static final String IPV6_TAG = "ipv6:";

    private final RouteRules rules;
    private final Set<String> ownNames = new HashSet<>();
    private final Set<InetAddress> ownAddresses = new HashSet<>();

    /** As the file has it. */
    RoutePlan(RouterConfig config) {
        this(config, Policies.NONE, new IgnoredPolicies());
    }

    RoutePlan(RouterConfig config, Policies policies, IgnoredPolicies ignored) {
        rules = new RouteRules(config.routes(), config.rollUps(), policies, ignored);
        ownNames.add(Domain.canonical(config.hostname()));
        for (String name : config.ownNames()) {
            ownNames.add(Domain.canonical(name));
            byte[] octets = octets(name);
            if (octets != null) {
                ownAddresses.add(address(octets));
            }
        }
    }

    /** Whether all mail goes the same way by both. */
    boolean decidesAs(RoutePlan other) {
        return rules.equals(other.rules) && ownNames.equals(other.ownNames);
    }

    /** The route that needs no DNS, or null. */
    @Nullable
    DomainRoute withoutDns(String domain) {
        ConfiguredRoute route = rules.routeOf(domain);
        if (route != null) {
            return DomainRoute.of(destination(domain, route.to()), Routes.configured(route.to()));
        }
        if (domain.isEmpty()) {
            return DomainRoute.fault("unknown", "recipient without a domain");
        }
        return Domain.isAddressLiteral(domain) ? DomainRoute.of(domain, literal(domain)) : null;
    }

    /** What a known route is by this plan, which may not be the one that it was made by; null when DNS has to be asked for it. */
    @Nullable
    DomainRoute again(String domain, DomainRoute known) {
        DomainRoute found = withoutDns(domain);
        RouteKind kind = known.route().getKind();
        if (found != null || kind == RouteKind.CONFIGURED) {
            return found;
        }
        return kind == RouteKind.MX
                ? DomainRoute.of(destination(domain, known.route().getExchangers()), known.route())
                : known;
    }

    /** The route by an answer. */
    DomainRoute answered(String domain, MxAnswer answer) {
        return answer.match(
                hosts -> byHosts(domain, hosts.hosts()),
                // RFC 5321 section 5.1: the domain is its own exchanger, with preference 0.
                nameOnly -> byHosts(domain, List.of(new MxHost(domain, 0))),
                noSuchName -> DomainRoute.nowhere(domain, RouteKind.NO_SUCH_DOMAIN, ""),
                unanswered -> unanswered.fault()
                        ? DomainRoute.fault(domain, unanswered.detail())
                        : DomainRoute.nowhere(domain, RouteKind.LOOKUP_FAILED, unanswered.detail()));
    }

    private DomainRoute byHosts(String domain, List<MxHost> hosts) {
        if (hosts.stream().allMatch(host -> host.name().isEmpty())) {
            return DomainRoute.nowhere(domain, RouteKind.NULL_MX, "");
        }
        List<MxHost> usable = hosts.stream()
                .filter(RoutePlan::isHostName)
                .sorted(Comparator.comparingInt(MxHost::preference))
                .toList();
        if (usable.isEmpty()) {
            // Unusable is an error (RFC 5321 section 5.1), but the domain's to mend: it waits out its lifetime.
            return DomainRoute.nowhere(
                    domain, RouteKind.LOOKUP_FAILED, "no exchanger of " + domain + " has a valid name");
        }
        MxHost own = usable.stream().filter(this::isOwn).findFirst().orElse(null);
        // What is no better than us would send the mail back here (RFC 5321 section 5.1).
        List<Exchanger> exchangers = usable.stream()
                .filter(host -> own == null || host.preference() < own.preference())
                .map(host -> new Exchanger(canonical(host), host.preference(), 0, TlsPolicy.OPPORTUNISTIC))
                .distinct()
                .limit(Caps.EXCHANGERS)
                .toList();
        return own != null && exchangers.isEmpty()
                ? DomainRoute.nowhere(domain, RouteKind.LOOP, canonical(own))
                : DomainRoute.of(destination(domain, exchangers), Routes.mx(exchangers));
    }

    private String destination(String domain, List<Exchanger> exchangers) {
        String best = exchangers.isEmpty() ? "" : Ascii.lower(exchangers.get(0).getHost());
        return rules.decidedRollUp(best)
                .map(decided -> decided.rule().destination())
                .orElse(domain);
    }

    /** {@code [192.0.2.1]} and {@code [IPv6:2001:db8::1]}; RFC 5321 section 4.1.3. */
    private Route literal(String domain) {
        String text = domain.substring(1, domain.length() - 1);
        String named = text.startsWith(IPV6_TAG) ? text.substring(IPV6_TAG.length()) : text;
        byte[] octets = Address.toByteArray(named, text.startsWith(IPV6_TAG) ? Address.IPv6 : Address.IPv4);
        if (octets == null) {
            return Routes.nowhere(RouteKind.NO_SUCH_DOMAIN, "");
        }
        return isThisHost(address(octets))
                ? Routes.nowhere(RouteKind.LOOP, named)
                // Not a configured host: a stranger names it, so it may not be anywhere.
                : Routes.mx(List.of(new Exchanger(named, 0, 0, TlsPolicy.OPPORTUNISTIC)));
    }

    /** Loopback written by a stranger means us, and must not become a way to reach what listens there. */
    private boolean isThisHost(InetAddress address) {
        return address.isLoopbackAddress() || address.isAnyLocalAddress() || ownAddresses.contains(address);
    }

    private static byte @Nullable [] octets(String address) {
        byte[] octets = Address.toByteArray(address, Address.IPv4);
        return octets == null ? Address.toByteArray(address, Address.IPv6) : octets;
    }

    /** However it is spelled: also one of IPv4 within IPv6 (RFC 4291 section 2.5.5.2). */
    private static InetAddress address(byte[] octets) {
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address of " + octets.length + " octets", e);
        }
    }

    private boolean isOwn(MxHost host) {
        return ownNames.contains(canonical(host));
    }

    /** An MX host is a name; an address as text is a mistake that must not be connected to (RFC 5321 section 5.1). */
    private static boolean isHostName(MxHost host) {
        String name = canonical(host);
        return Domain.isWellFormed(name, false)
                && !Domain.isAddressLiteral(name)
                && Address.toByteArray(name, Address.IPv4) == null;
    }

    private static String canonical(MxHost host) {
        return Domain.canonical(host.name());
    }
}
