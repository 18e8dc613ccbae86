package org.postroad.deploy.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.DelivererConfig;
import org.postroad.deliverer.work.RetryConfig;
import org.postroad.ingress.IngressConfig;
import org.postroad.router.RouterConfig;
import org.postroad.schemas.Domain;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.Mailbox;
import org.postroad.schemas.Topics;

/** The whole configuration, checked, as what each part is told. */
public final class Configuration {
    /** Nobody waits five days to hear that a bounce could not be returned. */
    private static final Duration BOUNCE_LIFETIME = Duration.ofDays(1);

    private final Settings settings;
    private final String hostname;
    private final IngressConfig ingress;
    private final DelivererConfig deliverer;
    private final List<RouterConfig.ConfiguredRoute> routes;

    private Configuration(Settings settings) {
        this.settings = settings;
        this.hostname = settings.node().hostname().orElseGet(Hostname::ofThisMachine);
        if (!Domain.isWellFormed(hostname, false)) {
            throw ConfigurationException.of("node.hostname", hostname, "a host name such as mail.example.org");
        }
        NodeRules.check(settings);
        RetryConfig retry = RetryRules.of(settings.retry());
        this.ingress = IngressRules.of(hostname, postmasterMailbox(), settings.ingress(), retry.lifetime());
        this.routes = RouteRules.routes(settings.router().routes());
        this.deliverer = DelivererRules.of(hostname, settings.deliverer(), dnsServers(), retry);
        DelivererRules.checkRoutes(routes, deliverer.sources().get(0));
    }

    /**
     * Checks settings.
     *
     * @throws ConfigurationException naming the key, its value and what is wanted
     */
    public static Configuration of(Settings settings) {
        return new Configuration(settings);
    }

    /** The file, or the one the environment names, or defaults, with the environment laid over it. */
    public static Configuration load(@Nullable Path file, Map<String, String> environment) {
        return of(SettingsFile.load(file, environment));
    }

    public String hostname() {
        return hostname;
    }

    public InetSocketAddress metricsAddress() {
        return settings.node().metricsAddress();
    }

    public InetSocketAddress adminAddress() {
        return settings.node().adminAddress();
    }

    public int kafkaPort() {
        return settings.standalone().kafkaPort();
    }

    public KafkaSettings kafka() {
        Settings.Kafka kafka = settings.kafka();
        return new KafkaSettings(
                kafka.bootstrapServers().orElse("127.0.0.1:" + kafkaPort()),
                kafka.topicPrefix(),
                kafka.properties(),
                kafka.allowWeakTopics());
    }

    public Topics topics(Topics.Size size) {
        RetryConfig retry = deliverer.retry();
        return new Topics(settings.kafka().topicPrefix(), size, retry.tiers(), retry.lifetime());
    }

    public IngressConfig ingress() {
        return ingress;
    }

    public RouterConfig router(Path stateDirectory) {
        return new RouterConfig(
                hostname,
                new HashSet<>(settings.node().ownNames().orElse(List.of())),
                postmaster(),
                dnsServers(),
                routes,
                RouteRules.rollUps(settings.router().rollUp()),
                stateDirectory,
                BOUNCE_LIFETIME);
    }

    public DelivererConfig deliverer() {
        return deliverer;
    }

    String postmaster() {
        return settings.node().postmaster().orElse("postmaster@" + hostname);
    }

    private Mailbox postmasterMailbox() {
        Mailbox mailbox = Mailbox.parse(postmaster(), false);
        if (mailbox == null) {
            throw ConfigurationException.of("node.postmaster", postmaster(), "an address");
        }
        return mailbox;
    }

    List<InetSocketAddress> dnsServers() {
        return settings.router().dnsServers().orElse(List.of());
    }

    List<RouterConfig.ConfiguredRoute> routes() {
        return routes;
    }

    Settings settings() {
        return settings;
    }
}
