package org.postroad.bench;

import java.util.List;

/** One question about speed, and how it is asked. */
interface Case {
    /** Starts what it needs in the scene, measures, and returns a row per system. */
    List<Row> run(Scene scene) throws Exception;

    static Case named(String name) {
        return switch (name) {
            case "fanout" -> new FanOutCase();
            case "destinations" -> new DestinationsCase(name, false);
            case "slow" -> new DestinationsCase(name, true);
            case "tls" -> new TlsCase();
            case "latency" -> new LatencyCase();
            case "start" -> new StartCase();
            default -> new RelayCase(name);
        };
    }
}
