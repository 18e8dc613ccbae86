package org.postroad.deploy;

import java.util.Set;
import org.postroad.deploy.command.CommandTree;
import org.postroad.deploy.command.EarlyStop;

/** Where the process begins. */
public final class Postroad {
    private static final Set<String> NODES = Set.of("standalone", "ingress", "router", "deliverer", "observer");

    private Postroad() {}

    public static void main(String[] args) {
        boolean node = args.length > 0 && NODES.contains(args[0]);
        if (node) {
            EarlyStop.watch(args[0]);
        }
        // Read by log4j2.properties: a command answers with its own lines, and a node that is well says nothing.
        System.setProperty("postroad.log.default", node ? "warn" : "error");
        System.setProperty("postroad.log.kafka", node ? "warn" : "off");
        int code = CommandTree.of(args).execute(args);
        EarlyStop.over();
        System.exit(code);
    }
}
