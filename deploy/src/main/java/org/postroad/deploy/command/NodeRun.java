package org.postroad.deploy.command;

import java.io.IOException;
import java.time.Clock;
import java.util.stream.Collectors;
import org.postroad.deploy.config.Addresses;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.node.Node;
import org.postroad.deploy.node.Watch;

/** Runs a node until a signal, or until a part of it will never work again. */
final class NodeRun {
    private NodeRun() {}

    /** Starts a node. */
    interface Start {
        Node start() throws IOException;
    }

    static int untilStopped(String name, Configuration configuration, Printer printer, Start start) throws IOException {
        Watch watch = Watch.install(configuration.deliverer().drainLimit());
        try (Node node = start.start()) {
            printer.line(name + ": " + where(node));
            String dead = watch.over(node, Clock.systemUTC());
            if (dead != null) {
                printer.error(name + ": " + dead + "; see the log");
                return ExitCode.FINDING;
            }
            return ExitCode.DONE;
        } finally {
            watch.ended();
        }
    }

    static String where(Node node) {
        String smtp = node.listeners().stream().map(Addresses::text).collect(Collectors.joining(", "));
        return (smtp.isEmpty() ? "" : "SMTP on " + smtp + ", ")
                + "Kafka on " + node.kafka().bootstrapServers()
                + ", metrics on http://" + Addresses.text(node.metricsAddress()) + "/metrics";
    }
}
