package org.postroad.deploy.command;

import java.io.IOException;
import java.time.Clock;
import java.util.stream.Collectors;
import org.postroad.deploy.config.Addresses;
import org.postroad.deploy.node.Station;
import org.postroad.deploy.node.Watch;

/** Runs a station until a signal, or until a part of it will never work again. */
final class NodeRun {
    private NodeRun() {}

    /** Starts a station. */
    interface Start {
        Station start() throws IOException;
    }

    static int untilStopped(String name, Printer printer, Start start) throws IOException {
        Watch watch = Watch.install();
        try (Station station = start.start()) {
            station.awaitReady();
            printer.line(name + ": " + where(station));
            String dead = watch.over(station, Clock.systemUTC());
            if (dead != null) {
                printer.error(name + ": " + dead + "; see the log");
                return ExitCode.FINDING;
            }
            return ExitCode.DONE;
        } finally {
            watch.ended();
        }
    }

    static String where(Station station) {
        String smtp = station.listeners().stream().map(Addresses::text).collect(Collectors.joining(", "));
        return (smtp.isEmpty() ? "" : "SMTP on " + smtp + ", ")
                + "Kafka on " + station.kafka().bootstrapServers()
                + ", metrics on http://" + Addresses.text(station.metricsAddress()) + "/metrics";
    }
}
