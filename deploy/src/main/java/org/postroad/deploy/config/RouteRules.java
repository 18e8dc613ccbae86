package org.postroad.deploy.config;

import java.util.ArrayList;
import java.util.List;
import org.postroad.router.RouterConfig.ConfiguredRoute;
import org.postroad.router.RouterConfig.RollUp;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.TlsPolicy;

/** What router.routes and router.roll-up may say. */
final class RouteRules {
    private RouteRules() {}

    static List<ConfiguredRoute> routes(List<Settings.Route> given) {
        List<ConfiguredRoute> routes = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            routes.add(route("router.routes[" + i + "]", given.get(i)));
        }
        return routes;
    }

    static List<RollUp> rollUps(List<Settings.RollUp> given) {
        return given.stream()
                .map(rollUp -> new RollUp(Domain.canonical(rollUp.exchangerSuffix()), rollUp.destination()))
                .toList();
    }

    private static ConfiguredRoute route(String key, Settings.Route route) {
        boolean everything = route.domain().equals("*");
        if (!everything && !Domain.isWellFormed(Domain.canonical(route.domain()), true)) {
            throw ConfigurationException.of(key + ".domain", route.domain(), "a domain, or \"*\" for all");
        }
        if (route.to().isEmpty() || route.to().size() > Caps.EXCHANGERS) {
            throw ConfigurationException.of(
                    key + ".to", route.to(), "a list of 1 to " + Caps.EXCHANGERS + " exchangers");
        }
        TlsPolicy tls = tls(key + ".tls", route.tls());
        List<Exchanger> exchangers = new ArrayList<>();
        for (String to : route.to()) {
            exchangers.add(exchanger(key + ".to", to, exchangers.size(), tls));
        }
        return new ConfiguredRoute(everything ? "*" : Domain.canonical(route.domain()), exchangers);
    }

    /** A name or an address, with a port or without; the order of the list is the preference. */
    static Exchanger exchanger(String key, String text, int preference, TlsPolicy tls) {
        String host = text;
        String port = "0";
        int colon = text.lastIndexOf(':');
        boolean bare = colon < 0 || (text.indexOf(':') < colon && !text.startsWith("["));
        if (!bare && !text.endsWith("]")) {
            host = text.substring(0, colon);
            port = text.substring(colon + 1);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        boolean named = host.contains(":") ? host.matches("[0-9A-Fa-f:.]+") : Domain.isWellFormed(host, false);
        if (!named || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            throw ConfigurationException.of(
                    key, text, "an exchanger such as mx.example.org, 127.0.0.1:2526 or [::1]:2526");
        }
        return new Exchanger(Domain.canonical(host), preference, Integer.parseInt(port), tls);
    }

    /** How it would be written. */
    static String text(Exchanger exchanger) {
        String host = exchanger.getHost().contains(":") ? "[" + exchanger.getHost() + "]" : exchanger.getHost();
        return exchanger.getPort() == 0 ? host : host + ":" + exchanger.getPort();
    }

    private static TlsPolicy tls(String key, String text) {
        return switch (text) {
            case "none" -> TlsPolicy.NONE;
            case "opportunistic" -> TlsPolicy.OPPORTUNISTIC;
            case "required" -> TlsPolicy.REQUIRED;
            case "verified" -> TlsPolicy.VERIFIED;
            default ->
                throw ConfigurationException.of(
                        key, Ascii.lower(text), "one of none, opportunistic, required, verified");
        };
    }
}
