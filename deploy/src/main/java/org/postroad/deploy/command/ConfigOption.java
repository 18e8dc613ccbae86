package org.postroad.deploy.command;

import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.operator.Cluster;
import org.postroad.schemas.KafkaSettings;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.RightsCheck;
import org.postroad.schemas.Topics;
import picocli.CommandLine.Option;

/** Where the configuration comes from. */
final class ConfigOption {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration; without it, the file that POSTROAD_CONFIG names, else defaults.")
    private @Nullable Path file;

    Configuration load() {
        return Configuration.load(file, System.getenv());
    }

    /** Does some work on the cluster that the configuration names, with the rights that its user has to have. */
    <T> T onCluster(KafkaUser user, Function<Cluster, T> work) {
        Configuration configuration = load();
        KafkaSettings kafka = configuration.kafka();
        Topics topics = configuration.topics(Topics.Size.CLUSTER);
        return RightsCheck.within(kafka, topics, user, () -> {
            try (Cluster cluster = new Cluster(kafka, topics)) {
                return work.apply(cluster);
            }
        });
    }
}
