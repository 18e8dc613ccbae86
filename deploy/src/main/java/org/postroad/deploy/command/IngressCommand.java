package org.postroad.deploy.command;

import org.postroad.deploy.node.Node;
import picocli.CommandLine.Command;

/** One ingress node. */
@Command(
        name = "ingress",
        mixinStandardHelpOptions = true,
        description = "Takes mail by SMTP and writes it to Kafka.",
        footerHeading = "%nExample:%n",
        footer = "  postroad ingress --config /etc/postroad/postroad.yaml")
final class IngressCommand extends RoleCommand {
    IngressCommand() {
        super(Node.Part.INGRESS);
    }
}
