package org.postroad.deploy.node;

import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.postroad.deliverer.Deliverer;
import org.postroad.deliverer.config.DelivererConfig;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.observer.AdminTokens;
import org.postroad.deploy.observer.Observer;
import org.postroad.deploy.observer.ObserverConfig;
import org.postroad.ingress.Ingress;
import org.postroad.router.Router;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Topics;

/** Starts each role with what it is told; the one place that knows all. */
public final class Roles {
    private final Configuration configuration;
    private final KafkaSettings kafka;
    private final Topics topics;
    private final KnownSchemas schemas;
    private final CollectorRegistry registry;

    public Roles(Configuration configuration, KafkaSettings kafka, Topics topics, CollectorRegistry registry) {
        this.configuration = configuration;
        this.kafka = kafka;
        this.topics = topics;
        this.schemas = new KnownSchemas();
        this.registry = registry;
    }

    public Role ingress() throws IOException {
        Ingress ingress = Ingress.start(configuration.ingress(), kafka, topics, schemas, registry);
        return new Role(
                "ingress",
                ingress::isReady,
                ingress::isLive,
                () -> null,
                ingress.addresses(),
                ingress.httpAddresses(),
                ingress);
    }

    public Role router(Path stateDirectory) {
        Router router = Router.start(configuration.router(stateDirectory), kafka, topics, schemas, registry);
        return new Role("router", router::isReady, router::isLive, router::fault, List.of(), List.of(), router);
    }

    public Role deliverer(Path data) throws IOException {
        String instance = InstanceName.keptIn(data);
        DelivererConfig told = configuration.deliverer();
        Deliverer deliverer = Deliverer.start(told, kafka, topics, schemas, registry, instance);
        return new Role(
                "deliverer", deliverer::isReady, deliverer::isLive, deliverer::fault, List.of(), List.of(), deliverer);
    }

    /**
     * An observer.
     *
     * @param directory where its index is kept
     */
    public Role observer(Path directory) throws IOException {
        ObserverConfig told = new ObserverConfig(
                configuration.adminAddress(),
                AdminTokens.in(configuration.adminTokensFile()),
                ObserverConfig.cluster(kafka));
        Observer observer = Observer.start(told, directory, kafka, topics, configuration.lifetime(), registry);
        return new Role(
                "observer", observer::isReady, observer::isLive, observer::fault, List.of(), List.of(), observer);
    }
}
