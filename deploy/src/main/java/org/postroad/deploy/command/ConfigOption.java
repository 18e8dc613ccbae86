package org.postroad.deploy.command;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.operator.Cluster;
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

    /** The cluster that the configuration names. */
    Cluster cluster() {
        Configuration configuration = load();
        return new Cluster(configuration.kafka(), configuration.topics(Topics.Size.CLUSTER));
    }
}
