package org.postroad.router;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postroad.router.RouterConfig.ConfiguredRoute;
import org.postroad.router.RouterConfig.RollUp;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.HostAndPort;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.TlsPolicy;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Policies;
import org.postroad.schemas.policy.PolicySettings;
import org.postroad.schemas.policy.StandingPolicy;

/**
 * What the operator decides of ways: routes and roll-ups of the file, where the first match wins, and over them what policies set.
 * Immutable.
 *
 * <p>A policy about every domain changes what the file says of every one, so a row of the file about one domain stays as it is. A policy
 * about one domain goes before all that; what it does not set stays as it is without it, so that new exchangers never mean weaker TLS. Of
 * roll-ups the longest suffix that has a policy goes first, and then the file's rows.
 */
public final class RouteRules {
    /** The subject of what is about all mail. */
    public static final String EVERY_DOMAIN = "*";

    /** As for a domain: it is part of every record of its mail. */
    private static final int LONGEST_NAME = 255;

    private final Map<String, Decided<ConfiguredRoute>> routes = new HashMap<>();
    private final List<Decided<RollUp>> rollUps;

    /**
     * A rule.
     *
     * @param policy which decided it; null for the file
     */
    public record Decided<T>(T rule, @Nullable StandingPolicy policy) {}

    private record RouteChange(
            StandingPolicy policy,
            String domain,
            @Nullable List<Exchanger> to,
            @Nullable TlsPolicy tls) {

        static RouteChange of(PolicySettings settings) {
            String subject = settings.policy().subject();
            return new RouteChange(
                    settings.policy(),
                    subject.equals(EVERY_DOMAIN) ? subject : canonical(subject),
                    exchangers(settings.list("to", HostAndPort::parse)),
                    settings.read("tls", RouteChange::tls));
        }

        private static @Nullable List<Exchanger> exchangers(@Nullable List<HostAndPort> named) {
            if (named == null) {
                return null;
            }
            if (named.size() > Caps.EXCHANGERS) {
                throw new IllegalArgumentException("to: wanted are at most " + Caps.EXCHANGERS + " exchangers");
            }
            List<Exchanger> exchangers = new ArrayList<>();
            named.forEach(each -> exchangers.add(
                    new Exchanger(each.host(), exchangers.size(), each.port(), TlsPolicy.OPPORTUNISTIC)));
            return List.copyOf(exchangers);
        }

        private static TlsPolicy tls(String word) {
            return switch (word) {
                case "none" -> TlsPolicy.NONE;
                case "opportunistic" -> TlsPolicy.OPPORTUNISTIC;
                case "required" -> TlsPolicy.REQUIRED;
                case "verified" -> TlsPolicy.VERIFIED;
                default -> throw new IllegalArgumentException("one of none, opportunistic, required, verified");
            };
        }

        /** Null where there is no route that it could change, and it names none. */
        @Nullable
        ConfiguredRoute over(@Nullable ConfiguredRoute route) {
            List<Exchanger> exchangers = to == null && route != null ? route.to() : to;
            if (exchangers == null) {
                return null;
            }
            TlsPolicy terms = tls != null ? tls : route == null ? TlsPolicy.OPPORTUNISTIC : termsOf(route);
            return new ConfiguredRoute(
                    domain,
                    exchangers.stream()
                            .map(each -> new Exchanger(each.getHost(), each.getPreference(), each.getPort(), terms))
                            .toList());
        }

        /** Those of all its exchangers: the operator says them once for a route. */
        private static TlsPolicy termsOf(ConfiguredRoute route) {
            return route.to().get(0).getTls();
        }
    }

    public RouteRules(
            List<ConfiguredRoute> fileRoutes, List<RollUp> fileRollUps, Policies policies, IgnoredPolicies ignored) {
        for (ConfiguredRoute route : fileRoutes) {
            routes.putIfAbsent(route.domain(), new Decided<>(route, null));
            if (route.domain().equals(EVERY_DOMAIN)) {
                break; // the first match wins, and this one matches whatever comes after it
            }
        }
        List<RouteChange> changes = policies.read(Aspect.ROUTE, RouteChange::of, ignored);
        // First what is said of every domain: over that goes what is said of one.
        changes.stream().filter(change -> change.domain().equals(EVERY_DOMAIN)).forEach(change -> add(change, ignored));
        changes.stream()
                .filter(change -> !change.domain().equals(EVERY_DOMAIN))
                .forEach(change -> add(change, ignored));
        rollUps = new ArrayList<>(policies.read(Aspect.ROLL_UP, RouteRules::rollUp, ignored));
        rollUps.sort(Comparator.comparingInt(
                decided -> -decided.rule().exchangerSuffix().length()));
        fileRollUps.forEach(rollUp -> rollUps.add(new Decided<>(rollUp, null)));
    }

    private void add(RouteChange change, IgnoredPolicies ignored) {
        ConfiguredRoute route = change.over(routeOf(change.domain()));
        if (route == null) {
            ignored.say(
                    change.policy().key(),
                    "to: wanted is at least one exchanger, since the domain has no configured route");
        } else {
            routes.put(change.domain(), new Decided<>(route, change.policy()));
        }
    }

    private static Decided<RollUp> rollUp(PolicySettings settings) {
        String suffix = canonical(settings.policy().subject());
        String destination = settings.read("destination", name -> name);
        if (destination == null || destination.isEmpty() || destination.length() > LONGEST_NAME) {
            throw new IllegalArgumentException(
                    "destination: wanted is a name, at most " + LONGEST_NAME + " characters");
        }
        return new Decided<>(new RollUp(suffix, destination), settings.policy());
    }

    private static String canonical(String text) {
        String canonical = Domain.canonical(text);
        if (!Domain.isWellFormed(canonical, false)) {
            throw new IllegalArgumentException("its subject: wanted is a domain");
        }
        return canonical;
    }

    /** Null where DNS says where the mail of the domain goes. */
    @Nullable
    ConfiguredRoute routeOf(String canonicalDomain) {
        Decided<ConfiguredRoute> decided = decidedRoute(canonicalDomain);
        return decided == null ? null : decided.rule();
    }

    /** The same with who decided it. */
    public @Nullable Decided<ConfiguredRoute> decidedRoute(String canonicalDomain) {
        Decided<ConfiguredRoute> exact = routes.get(canonicalDomain);
        return exact == null ? routes.get(EVERY_DOMAIN) : exact;
    }

    /** Whose mail is queued and limited together with that of others who have this exchanger; none for a domain by itself. */
    public Optional<Decided<RollUp>> decidedRollUp(String exchanger) {
        return rollUps.stream()
                .filter(decided -> isUnder(exchanger, decided.rule().exchangerSuffix()))
                .findFirst();
    }

    private static boolean isUnder(String exchanger, String suffix) {
        return exchanger.equals(suffix) || exchanger.endsWith(suffix.startsWith(".") ? suffix : "." + suffix);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RouteRules rules && routes.equals(rules.routes) && rollUps.equals(rules.rollUps);
    }

    @Override
    public int hashCode() {
        return Objects.hash(routes, rollUps);
    }
}
