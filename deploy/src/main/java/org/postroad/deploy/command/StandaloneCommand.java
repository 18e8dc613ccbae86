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

/** Everything in one process. */
@Command(
        name = "standalone",
        mixinStandardHelpOptions = true,
        description = {
            "Runs an embedded Kafka broker and all three roles in one process, until a signal ends it.",
            "What was accepted survives a restart and a kill on the same data."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad standalone --data /var/lib/postroad")
final class StandaloneCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "postroad-data",
            description = "Where everything is kept (default: ./${DEFAULT-VALUE}).")
    private Path data = Path.of("postroad-data");

    @Override
    public Integer call() throws Exception {
        Printer printer = Printer.of(Objects.requireNonNull(spec));
        Configuration configuration = config.load();
        return NodeRun.untilStopped(
                "postroad standalone",
                data,
                configuration,
                printer,
                (home, stopping) -> Node.standalone(configuration, home, stopping));
    }
}
