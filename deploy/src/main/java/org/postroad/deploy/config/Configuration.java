package org.postroad.deploy.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deliverer.config.RetryConfig;
import org.postroad.deploy.settings.Reading;
import org.postroad.deploy.settings.Section;
import org.postroad.deploy.settings.Shown;
import org.postroad.ingress.IngressConfig;
import org.postroad.router.RouterConfig;
import org.postroad.router.RouterConfig.ConfiguredRoute;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.Topics;

/**
 * The whole configuration, checked, as what each part is told.
 *
 * <p>Every key is declared where it is read, in {@link NodeKeys} and its like, in the order of the documentation. What keys
 * ask of one another stands in {@link RulesAcrossKeys}.
 */
public final class Configuration {
    /** Nobody waits five days to hear that a bounce could not be returned. */
    private static final Duration BOUNCE_LIFETIME = Duration.ofDays(1);

    private final Section all;
    private final NodeKeys node;
    private final int kafkaPort;
    private final boolean observesItself;
    private final KafkaSettings kafka;
    private final RetryConfig retry;
    private final IngressConfig ingress;
    private final RouterKeys router;
    private final DelivererConfig deliverer;

    private Configuration(Reading reading) {
        all = reading.root();
        node = NodeKeys.read(all.section("node"), reading.isInPod());
        Section standalone = all.section("standalone");
        kafkaPort = standalone.key("kafka-port", Forms.port(0), "29092", "of the embedded broker, on loopback");
        observesItself = standalone.key(
                "observer",
                Forms.YES_OR_NO,
                "true",
                "whether a standalone runs an observer too; it costs a tenth more processor time a mail");
        kafka = KafkaKeys.read(all.section("kafka"), kafkaPort);
        retry = RetryKeys.read(all.section("retry"));
        ingress = IngressKeys.read(all.section("ingress"), node.hostname(), node.postmaster(), retry.lifetime());
        router = RouterKeys.read(all.section("router"));
        deliverer = DelivererKeys.read(all.section("deliverer"), node.hostname(), router.dnsServers(), retry);
    }

    /**
     * The file, or the one the environment names, or defaults, with the environment laid over it.
     *
     * @throws org.postroad.deploy.settings.ConfigurationException naming each key that is wrong, its value and what is
     *     wanted
     */
    public static Configuration load(@Nullable Path file, Map<String, String> environment) {
        return of(Reading.of(file, environment));
    }

    static Configuration of(Reading reading) {
        Configuration configuration = new Configuration(reading);
        reading.close();
        RulesAcrossKeys.check(configuration, reading);
        return configuration;
    }

    /** The declarations of all keys, for their documentation. */
    static Reading described() {
        Reading reading = Reading.describing();
        new Configuration(reading);
        return reading;
    }

    /** Every key with its value and with who decided it. */
    public Shown.Group shown() {
        return all.shown();
    }

    /** What this system calls itself towards others, where those cannot believe it; null where they may. */
    public @Nullable String oddHostname() {
        return Hostname.isOdd(node.hostname()) ? node.hostname() : null;
    }

    public InetSocketAddress metricsAddress() {
        return node.metricsAddress();
    }

    public int kafkaPort() {
        return kafkaPort;
    }

    /** Whether a standalone runs an observer. */
    public boolean observesItself() {
        return observesItself;
    }

    /** Where an observer answers. */
    public InetSocketAddress adminAddress() {
        return node.admin().address();
    }

    /** Tokens of which whoever asks an observer brings one; null for none. */
    public @Nullable Path adminTokensFile() {
        return node.admin().tokensFile().orElse(null);
    }

    /** The observer that commands ask. */
    public InetSocketAddress observer() {
        return node.admin().observer();
    }

    /** How long mail is tried. */
    public Duration lifetime() {
        return retry.lifetime();
    }

    public KafkaSettings kafka() {
        return kafka;
    }

    public Topics topics(Topics.Size size) {
        return new Topics(kafka.topicPrefix(), size, retry.tiers(), retry.lifetime());
    }

    public IngressConfig ingress() {
        return ingress;
    }

    public RouterConfig router(Path stateDirectory) {
        return new RouterConfig(
                node.hostname(),
                new HashSet<>(node.ownNames()),
                node.postmaster().toString(),
                router.dnsServers(),
                router.routes(),
                router.rollUps(),
                stateDirectory,
                BOUNCE_LIFETIME);
    }

    public DelivererConfig deliverer() {
        return deliverer;
    }

    List<ConfiguredRoute> routes() {
        return router.routes();
    }
}
