package org.postroad.deploy.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.postroad.deliverer.DelivererConfig;
import org.postroad.ingress.IngressConfig;
import org.postroad.ingress.Network;
import org.postroad.schemas.Ascii;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** What a configuration comes to, every default filled in, in the form of the file: reading it again changes nothing. */
public final class EffectiveSettings {
    private EffectiveSettings() {}

    public static String yaml(Configuration configuration) {
        DumperOptions style = new DumperOptions();
        style.setDefaultFlowStyle(DumperOptions.FlowStyle.AUTO);
        style.setWidth(120);
        return new Yaml(style).dump(tree(configuration));
    }

    /** Sections, keys and values, in the order of the documentation. */
    public static Map<String, Object> tree(Configuration configuration) {
        Settings settings = configuration.settings();
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("node", node(configuration));
        tree.put("kafka", kafka(configuration));
        tree.put("ingress", ingress(configuration.ingress()));
        tree.put("router", router(configuration));
        tree.put("deliverer", deliverer(configuration.deliverer()));
        tree.put(
                "retry",
                section(
                        "tiers", RetryRules.texts(settings.retry().tiers()),
                        "schedule", RetryRules.texts(settings.retry().schedule()),
                        "lifetime", Durations.text(settings.retry().lifetime())));
        tree.put("standalone", section("kafka-port", configuration.kafkaPort()));
        return tree;
    }

    private static Map<String, Object> node(Configuration configuration) {
        return section(
                "hostname", configuration.hostname(),
                "own-names", configuration.settings().node().ownNames().orElse(List.of()),
                "postmaster", configuration.postmaster(),
                "metrics-address", Addresses.text(configuration.metricsAddress()),
                "admin-address", Addresses.text(configuration.adminAddress()));
    }

    private static Map<String, Object> kafka(Configuration configuration) {
        return section(
                "bootstrap-servers", configuration.kafka().bootstrapServers(),
                "topic-prefix", configuration.kafka().topicPrefix(),
                "properties", Secrets.hidden(configuration.kafka().properties()),
                "allow-weak-topics", configuration.kafka().allowWeakTopics());
    }

    private static Map<String, Object> ingress(IngressConfig ingress) {
        List<Map<String, Object>> listeners = ingress.listeners().stream()
                .map(listener -> section(
                        "name",
                        listener.name(),
                        "address",
                        Addresses.text(listener.address()),
                        "role",
                        "relay",
                        "tls",
                        "none",
                        "auth",
                        "none",
                        "relay-from",
                        listener.relayFrom().stream().map(Network::toString).toList()))
                .toList();
        return section(
                "listeners", listeners,
                "max-message-size", new Octets(ingress.maxMessageSize()).toString(),
                "inline-content-up-to", new Octets(ingress.inlineContentUpTo()).toString());
    }

    private static Map<String, Object> router(Configuration configuration) {
        List<Map<String, Object>> routes = configuration.routes().stream()
                .map(route -> section(
                        "domain", route.domain(),
                        "to", route.to().stream().map(RouteRules::text).toList(),
                        "tls", Ascii.lower(route.to().get(0).getTls().name())))
                .toList();
        List<Map<String, Object>> rollUps = configuration.settings().router().rollUp().stream()
                .map(rollUp ->
                        section("exchanger-suffix", rollUp.exchangerSuffix(), "destination", rollUp.destination()))
                .toList();
        return section(
                "dns-servers",
                        configuration.dnsServers().stream().map(Addresses::text).toList(),
                "routes", routes,
                "roll-up", rollUps);
    }

    private static Map<String, Object> deliverer(DelivererConfig deliverer) {
        List<Map<String, Object>> sources = deliverer.sources().stream()
                .map(source -> {
                    Map<String, Object> section = section("name", source.name(), "ehlo", source.ehlo());
                    if (source.address() != null) {
                        section.put("address", source.address().getHostAddress());
                    }
                    section.put("address-family", Ascii.lower(source.family().name()));
                    return section;
                })
                .toList();
        List<Map<String, Object>> limits = deliverer.limits().stream()
                .map(limit -> section(
                        "destination", limit.destination(),
                        "connections", limit.connections(),
                        "messages-per-connection", limit.messagesPerConnection(),
                        "idle", Durations.text(limit.idle())))
                .toList();
        return section(
                "port", deliverer.port(),
                "sources", sources,
                "limits", limits,
                "allow-local-exchangers", deliverer.allowLocalExchangers(),
                "drain-limit", Durations.text(deliverer.drainLimit()));
    }

    private static Map<String, Object> section(Object... keysAndValues) {
        Map<String, Object> section = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            section.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return section;
    }
}
