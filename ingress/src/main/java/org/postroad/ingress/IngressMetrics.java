package org.postroad.ingress;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;

/** What an ingress node counts. */
final class IngressMetrics {
    private final Counter messages;
    private final Counter octets;
    private final Histogram ackSeconds;
    private final Counter oddAddresses;
    private final Counter handshakes;
    private final Counter logins;
    private final Counter httpRequests;
    private final Gauge sessions;
    private final Gauge octetsInFlight;
    private final Gauge jsonOctets;

    IngressMetrics(CollectorRegistry registry) {
        messages = Counter.build("postroad_ingress_messages_total", "Messages answered for, by reply code.")
                .labelNames("listener", "code")
                .register(registry);
        octets = Counter.build("postroad_ingress_octets_total", "Octets of content received.")
                .labelNames("listener")
                .register(registry);
        ackSeconds = Histogram.build("postroad_ingress_ack_seconds", "From the final dot to its answer.")
                .buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
                .register(registry);
        oddAddresses = Counter.build(
                        "postroad_ingress_odd_addresses_total",
                        "Addresses without angle brackets or without a domain, taken from those who may relay.")
                .labelNames("listener", "outcome")
                .register(registry);
        handshakes = Counter.build("postroad_ingress_tls_handshakes_total", "Handshakes, by protocol or failed.")
                .labelNames("listener", "result")
                .register(registry);
        logins = Counter.build("postroad_ingress_logins_total", "Logins, by the code of the reply that ended them.")
                .labelNames("listener", "code")
                .register(registry);
        httpRequests = Counter.build("postroad_ingress_http_requests_total", "Requests answered, by status.")
                .labelNames("listener", "status")
                .register(registry);
        sessions = Gauge.build("postroad_ingress_sessions", "Open sessions.").register(registry);
        octetsInFlight = Gauge.build(
                        "postroad_ingress_octets_in_flight", "Octets of content held until Kafka has them.")
                .register(registry);
        jsonOctets = Gauge.build("postroad_ingress_json_octets", "Octets held for mail that is described in JSON.")
                .register(registry);
    }

    ListenerMetrics listener(String name) {
        return new ListenerMetrics(name, messages, octets, ackSeconds, oddAddresses, handshakes, logins);
    }

    Counter httpRequests() {
        return httpRequests;
    }

    Gauge sessions() {
        return sessions;
    }

    Gauge octetsInFlight() {
        return octetsInFlight;
    }

    Gauge jsonOctets() {
        return jsonOctets;
    }
}
