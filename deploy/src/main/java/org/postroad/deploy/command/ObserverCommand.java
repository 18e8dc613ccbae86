package org.postroad.deploy.command;

import org.postroad.deploy.node.Node;
import picocli.CommandLine.Command;

/** One observer node. */
@Command(
        name = "observer",
        mixinStandardHelpOptions = true,
        description = {
            "Keeps an index of the events and answers from it: queue, trace, why and ledger --now ask it, and whoever asks by HTTP.",
            "Any number of them; one that is lost is made anew from the events."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad observer --config /etc/postroad/postroad.yaml")
final class ObserverCommand extends RoleCommand {
    ObserverCommand() {
        super(Node.Part.OBSERVER);
    }
}
