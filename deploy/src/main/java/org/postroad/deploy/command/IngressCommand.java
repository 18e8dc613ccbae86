package org.postroad.deploy.command;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.node.Node;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One ingress node. */
@Command(
        name = "ingress",
        mixinStandardHelpOptions = true,
        description = "Takes mail by SMTP and writes it to Kafka.",
        footerHeading = "%nExample:%n",
        footer = "  postroad ingress --config /etc/postroad/postroad.yaml")
final class IngressCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "postroad-data",
            description = "What this node may keep across restarts (default: ./${DEFAULT-VALUE}).")
    private Path data = Path.of("postroad-data");

    @Override
    public Integer call() throws Exception {
        Printer printer = Printer.of(Objects.requireNonNull(spec));
        Configuration configuration = config.load();
        return NodeRun.untilStopped(
                "postroad ingress",
                configuration,
                printer,
                () -> Node.role(Node.Part.INGRESS, configuration, data.toAbsolutePath()));
    }
}
