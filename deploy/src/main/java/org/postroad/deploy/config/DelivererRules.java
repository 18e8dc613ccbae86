package org.postroad.deploy.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.DelivererConfig;
import org.postroad.deliverer.work.AddressFamily;
import org.postroad.deliverer.work.Limit;
import org.postroad.deliverer.work.RetryConfig;
import org.postroad.deliverer.work.Source;
import org.postroad.router.RouterConfig.ConfiguredRoute;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Exchanger;

/** What deliverer.* may say. */
final class DelivererRules {
    /** No reply to a final dot takes longer (RFC 5321 section 4.5.3.2.6). */
    private static final Duration LONGEST_DRAIN = Duration.ofMinutes(10);

    private DelivererRules() {}

    static DelivererConfig of(
            String hostname, Settings.Deliverer deliverer, List<InetSocketAddress> dnsServers, RetryConfig retry) {
        if (deliverer.port() < 1 || deliverer.port() > 65_535) {
            throw ConfigurationException.of("deliverer.port", deliverer.port(), "a port");
        }
        if (deliverer.drainLimit().compareTo(LONGEST_DRAIN) > 0) {
            throw ConfigurationException.of(
                    "deliverer.drain-limit", Durations.text(deliverer.drainLimit()), "at most 10m");
        }
        return new DelivererConfig(
                deliverer.port(),
                sources(hostname, deliverer.sources()),
                limits(deliverer.limits()),
                deliverer.allowLocalExchangers(),
                dnsServers,
                retry,
                deliverer.drainLimit());
    }

    private static List<Source> sources(String hostname, List<Settings.Source> given) {
        if (given.isEmpty()) {
            return List.of(new Source("default", hostname, null));
        }
        if (given.size() > 1) {
            throw ConfigurationException.of(
                    "deliverer.sources[1].name", given.get(1).name(), "used: only one source is, as yet");
        }
        List<Source> sources = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            Settings.Source source = given.get(i);
            String key = "deliverer.sources[" + i + "]";
            String ehlo = source.ehlo().orElse(hostname);
            if (!Domain.isWellFormed(ehlo, false)) {
                throw ConfigurationException.of(key + ".ehlo", ehlo, "a host name such as mail.example.org");
            }
            InetAddress address = source.address()
                    .map(text -> address(key + ".address", text))
                    .orElse(null);
            sources.add(new Source(
                    source.name(), ehlo, address, family(key + ".address-family", source.addressFamily(), address)));
        }
        return sources;
    }

    private static AddressFamily family(String key, String text, @Nullable InetAddress from) {
        AddressFamily family =
                switch (text) {
                    case "any" -> AddressFamily.ANY;
                    case "ipv4" -> AddressFamily.IPV4;
                    case "ipv6" -> AddressFamily.IPV6;
                    default -> throw ConfigurationException.of(key, text, "one of any, ipv4, ipv6");
                };
        AddressFamily reached = new Source("", "", from).reaches();
        if (family != AddressFamily.ANY && !reached.includes(family)) {
            throw ConfigurationException.of(key, text, "the family of its address, which is " + reached);
        }
        return family;
    }

    /** No route may name an address to which there is no way from the source. */
    static void checkRoutes(List<ConfiguredRoute> routes, Source source) {
        for (int i = 0; i < routes.size(); i++) {
            for (Exchanger to : routes.get(i).to()) {
                if (Addresses.isHost(to.getHost()) && !source.reaches().includes(Addresses.host(to.getHost()))) {
                    throw ConfigurationException.of(
                            "router.routes[" + i + "].to",
                            RouteRules.text(to),
                            "an " + source.reaches() + " address, by which alone deliverer.sources[0] sends");
                }
            }
        }
    }

    private static InetAddress address(String key, String text) {
        try {
            return Addresses.host(text);
        } catch (IllegalArgumentException e) {
            throw ConfigurationException.of(key, text, "a numeric address of this machine");
        }
    }

    private static List<Limit> limits(List<Settings.Limit> given) {
        if (given.isEmpty()) {
            return List.of(Limit.DEFAULT);
        }
        List<Limit> limits = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            Settings.Limit limit = given.get(i);
            String key = "deliverer.limits[" + i + "]";
            atLeastOne(key + ".connections", limit.connections());
            atLeastOne(key + ".messages-per-connection", limit.messagesPerConnection());
            limits.add(
                    new Limit(limit.destination(), limit.connections(), limit.messagesPerConnection(), limit.idle()));
        }
        return limits;
    }

    private static void atLeastOne(String key, int number) {
        if (number < 1) {
            throw ConfigurationException.of(key, number, "at least 1");
        }
    }
}
