package org.postroad.deploy.config;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.postroad.deploy.settings.Default;
import org.postroad.deploy.settings.RowsForm;
import org.postroad.deploy.settings.Section;
import org.postroad.deploy.settings.ValueForm;
import org.postroad.router.RouterConfig.ConfiguredRoute;
import org.postroad.router.RouterConfig.RollUp;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.HostAndPort;
import org.postroad.schemas.TlsPolicy;

/** Where mail goes. */
record RouterKeys(List<InetSocketAddress> dnsServers, List<ConfiguredRoute> routes, List<RollUp> rollUps) {
    private static final ValueForm<String> DOMAIN_OR_ALL = Forms.of(
            "a domain, or `\"*\"` for all", RouterKeys::domainOrAll, domain -> domain, "a domain, or \"*\" for all");
    private static final ValueForm<String> SUFFIX =
            Forms.of("a domain", RouterKeys::domain, domain -> domain, "a domain such as google.com");
    private static final ValueForm<Exchanger> EXCHANGER = Forms.of(
            "`host`, `host:port`, `192.0.2.1:25` or `\"[2001:db8::1]:25\"`",
            RouterKeys::exchanger,
            RouterKeys::text,
            "an exchanger such as mx.example.org, 127.0.0.1:2526 or [::1]:2526");

    static RouterKeys read(Section router) {
        return new RouterKeys(
                router.key(
                        "dns-servers",
                        Forms.ADDRESS_AND_PORT.list(),
                        Default.of("[]", "[\"192.0.2.53:53\"]"),
                        "used by routers for MX and by deliverers for addresses; none: the system's"),
                router.key(
                        "routes",
                        new RowsForm<>(RouterKeys::route),
                        Default.of("[]", "[{domain: example.test, to: [\"127.0.0.1:2526\"], tls: none}]"),
                        "before DNS; the first match wins"),
                router.key(
                        "roll-up",
                        new RowsForm<>(RouterKeys::rollUp),
                        Default.of("[]", "[{exchanger-suffix: google.com, destination: google}]"),
                        "domains that share one destination; the first match wins"));
    }

    private static ConfiguredRoute route(Section route) {
        String domain = route.key(
                "domain",
                DOMAIN_OR_ALL,
                Default.none("example.test"),
                "this domain exactly, no subdomains; what follows `\"*\"` is never looked at");
        List<Exchanger> to = route.key(
                "to",
                EXCHANGER
                        .list()
                        .where(
                                all -> !all.isEmpty() && all.size() <= Caps.EXCHANGERS,
                                "a list of 1 to " + Caps.EXCHANGERS + " exchangers"),
                Default.none("[\"127.0.0.1:2526\"]"),
                "1 to " + Caps.EXCHANGERS + ", tried in this order; MX records of the names are not asked for");
        TlsPolicy tls = route.key(
                "tls",
                Forms.oneOf(TlsPolicy.NONE, TlsPolicy.OPPORTUNISTIC, TlsPolicy.REQUIRED, TlsPolicy.VERIFIED),
                "opportunistic",
                "see [TLS](#tls)");
        return new ConfiguredRoute(domain, inThisOrder(to, tls));
    }

    private static RollUp rollUp(Section rollUp) {
        return new RollUp(
                rollUp.key(
                        "exchanger-suffix",
                        SUFFIX,
                        Default.none("google.com"),
                        "the best exchanger of such a domain is it or ends in it, after a dot"),
                rollUp.key("destination", Forms.TEXT, Default.none("google"), "what they are queued and limited by"));
    }

    private static List<Exchanger> inThisOrder(List<Exchanger> exchangers, TlsPolicy tls) {
        List<Exchanger> ordered = new ArrayList<>();
        exchangers.forEach(each -> ordered.add(new Exchanger(each.getHost(), ordered.size(), each.getPort(), tls)));
        return ordered;
    }

    private static String domain(String text) {
        if (!Forms.isDomain(text)) {
            throw new IllegalArgumentException(text);
        }
        return Domain.canonical(text);
    }

    private static String domainOrAll(String text) {
        return text.equals("*") ? text : domain(text);
    }

    /** Neither preference nor TLS is its own to say. */
    private static Exchanger exchanger(String text) {
        HostAndPort named = HostAndPort.parse(text);
        return new Exchanger(named.host(), 0, named.port(), TlsPolicy.OPPORTUNISTIC);
    }

    /** How an exchanger would be written. */
    static String text(Exchanger exchanger) {
        return new HostAndPort(exchanger.getHost(), exchanger.getPort()).toString();
    }
}
