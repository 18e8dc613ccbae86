package org.postroad.deploy.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.config.Limit;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deliverer.config.Source;
import org.postroad.deploy.settings.Default;
import org.postroad.deploy.settings.RowsForm;
import org.postroad.deploy.settings.Section;

/** How mail goes out. */
final class DelivererKeys {
    /** No reply to a final dot takes longer (RFC 5321 section 4.5.3.2.6). */
    private static final Duration LONGEST_DRAIN = Duration.ofMinutes(10);

    private DelivererKeys() {}

    static DelivererConfig read(
            Section deliverer, String hostname, List<InetSocketAddress> dnsServers, RetryConfig retry) {
        int port = deliverer.key("port", Forms.port(1), "25", "of exchangers whose route names none");
        List<Source> sources = deliverer.key(
                "sources",
                new RowsForm<>(source -> source(source, hostname)),
                "[{name: default}]",
                "where connections come from; one at most in this version");
        List<Limit> limits = deliverer.key(
                "limits",
                new RowsForm<>(DelivererKeys::limit),
                "[{destination: \"*\"}]",
                "good manners; the first match wins; at most half of the connections to an exchanger carry content above"
                        + " 1 MiB");
        boolean allowLocalExchangers = deliverer.key(
                "allow-local-exchangers",
                Forms.YES_OR_NO,
                "false",
                "exchangers found by DNS may have private, loopback or own addresses. A configured route always may");
        Duration drainLimit = deliverer.key(
                "drain-limit",
                Forms.DURATION.where(limit -> limit.compareTo(LONGEST_DRAIN) <= 0, "at most 10m"),
                "60s",
                "how long mail past its final dot may take to be answered when its partition leaves; mail of other"
                        + " partitions goes on meanwhile. A process that is told to end is ended 30 s after this limit");
        return new DelivererConfig(port, sources, limits, allowLocalExchangers, dnsServers, retry, drainLimit);
    }

    private static Source source(Section source, String hostname) {
        String name = source.key("name", Forms.TEXT, Default.none("default"), "a name of your choice");
        String ehlo = source.key(
                "ehlo",
                Forms.HOST_NAME,
                Default.derived(() -> hostname, "`node.hostname`", "mail.example.org"),
                "what it calls itself");
        Optional<InetAddress> address = source.key(
                "address",
                Forms.ADDRESS.optional(),
                Default.derived(() -> "", "the system's choice", "192.0.2.25"),
                "of this machine; only addresses of its family are connected to then");
        AddressFamily family = source.key(
                "address-family",
                Forms.oneOf(AddressFamily.ANY, AddressFamily.IPV4, AddressFamily.IPV6),
                "any",
                "`ipv4` or `ipv6`: exchangers are asked for and connected to by that alone, and those without such an address"
                        + " take no mail: it bounces, or is deferred where a configured route names them. `any` finds out by"
                        + " itself what works: both families are tried in turn; one by which no connection succeeds goes last"
                        + " and is tried again after 1, 2, 4 ... 60 minutes");
        return new Source(name, ehlo, address.orElse(null), family);
    }

    private static Limit limit(Section limit) {
        return new Limit(
                limit.key(
                        "destination",
                        Forms.TEXT,
                        Default.none("\"*\""),
                        "a domain, a roll-up's name, or `\"*\"` for all"),
                limit.key(
                        "connections",
                        Forms.count(1),
                        "10",
                        "to a destination and to each address of an exchanger, over all event loops of a node"),
                limit.key("messages-per-connection", Forms.count(1), "50", "then it is closed with QUIT"),
                limit.key("idle", Forms.DURATION, "5s", "how long a connection is kept that nothing uses"));
    }
}
