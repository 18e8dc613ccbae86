package org.postroad.deploy.command;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.node.Node;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One role against a cluster; its subclasses say which, and how the command line names it. */
abstract class RoleCommand implements Callable<Integer> {
    private final Node.Part part;

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

    RoleCommand(Node.Part part) {
        this.part = part;
    }

    @Override
    public final Integer call() throws Exception {
        CommandSpec command = Objects.requireNonNull(spec);
        Configuration configuration = config.load();
        return NodeRun.untilStopped(
                "postroad " + command.name(),
                data,
                configuration,
                Printer.of(command),
                (home, stopping) -> Node.role(part, configuration, home, stopping));
    }
}
