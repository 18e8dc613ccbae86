package org.postroad.deploy.command;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.postroad.deploy.config.Addresses;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.node.Node;
import org.postroad.deploy.node.Watch;
import org.postroad.schemas.RefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a node until a signal, or until a part of it will never work again. */
final class NodeRun {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRun.class);

    /** Where the logging configuration puts the protocol log, once there is a line for it. */
    private static final String PROTOCOL_LOG = "postroad.protocol-log";

    private NodeRun() {}

    /** Starts a node. */
    interface Start {
        /**
         * @param data an absolute path
         * @param stopping whether it should go no further
         */
        Node start(Path data, BooleanSupplier stopping) throws IOException;
    }

    static int untilStopped(String name, Path data, Configuration configuration, Printer printer, Start start)
            throws IOException {
        Path home = data.toAbsolutePath();
        System.setProperty(PROTOCOL_LOG, home.resolve("protocol.log").toString());
        Watch watch = Watch.ofNode(configuration.deliverer().drainLimit());
        EarlyStop.over();
        boolean runs = false;
        try (Node node = start.start(home, watch::isStopping)) {
            if (watch.isStopping()) {
                return stopped(name, printer);
            }
            runs = true;
            printer.line(name + ": " + where(node));
            String dead = watch.over(node, Clock.systemUTC());
            if (dead != null) {
                RefusedException refused = node.refused();
                if (refused != null) {
                    throw refused;
                }
                printer.error(name + ": " + dead + "; see the log");
                return ExitCode.FINDING;
            }
            return ExitCode.DONE;
        } catch (IOException | RuntimeException | Error e) {
            if (!runs && watch.isStopping()) {
                // Classes that want a hook of their own can no longer be loaded; whatever failed, nobody wants it any
                // more.
                LOG.atDebug().setCause(e).log("the start ended early");
                return stopped(name, printer);
            }
            throw e;
        } finally {
            watch.ended();
        }
    }

    private static int stopped(String name, Printer printer) {
        printer.line(name + ": stopped while it started");
        return ExitCode.DONE;
    }

    static String where(Node node) {
        return on("SMTP", node.listeners())
                + on("HTTP", node.httpListeners())
                + "Kafka on " + node.kafka().bootstrapServers()
                + ", metrics on http://" + Addresses.text(node.metricsAddress()) + "/metrics";
    }

    private static String on(String protocol, List<InetSocketAddress> addresses) {
        String all = addresses.stream().map(Addresses::text).collect(Collectors.joining(", "));
        return all.isEmpty() ? "" : protocol + " on " + all + ", ";
    }
}
