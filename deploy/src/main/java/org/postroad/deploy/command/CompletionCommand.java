package org.postroad.deploy.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Commands and options at the press of a key. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = {
            "Prints what completes commands and options in bash and zsh.",
            "zsh has to have run 'autoload -U +X compinit && compinit' before."
        },
        footerHeading = "%nExample:%n",
        footer = "  source <(postroad completion)")
final class CompletionCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        Printer.of(Objects.requireNonNull(spec)).line(AutoComplete.bash("postroad", CommandTree.of()));
    }
}
