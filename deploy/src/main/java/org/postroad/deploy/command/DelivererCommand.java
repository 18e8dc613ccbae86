package org.postroad.deploy.command;

import org.postroad.deploy.node.Node;
import picocli.CommandLine.Command;

/** One deliverer node. */
@Command(
        name = "deliverer",
        mixinStandardHelpOptions = true,
        description = "Sends mail to its exchangers, and keeps what has to wait.",
        footerHeading = "%nExample:%n",
        footer = "  postroad deliverer --config /etc/postroad/postroad.yaml")
final class DelivererCommand extends RoleCommand {
    DelivererCommand() {
        super(Node.Part.DELIVERER);
    }
}
