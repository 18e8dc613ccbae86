package org.postroad.deploy.command;

import org.postroad.deploy.node.Node;
import picocli.CommandLine.Command;

/** One router node. */
@Command(
        name = "router",
        mixinStandardHelpOptions = true,
        description = "Decides where mail goes, and writes the bounces.",
        footerHeading = "%nExample:%n",
        footer = "  postroad router --config /etc/postroad/postroad.yaml")
final class RouterCommand extends RoleCommand {
    RouterCommand() {
        super(Node.Part.ROUTER);
    }
}
