package org.postroad.router;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.util.List;
import org.postroad.schemas.Ascii;

/** The router's numbers; children are looked up once, labels come from the topic table and enums. */
final class RouterMetrics implements AutoCloseable {
    /** What a lookup ended in. */
    enum Result {
        MX,
        IMPLICIT,
        NONE,
        FAILED;

        static Result of(MxAnswer answer) {
            return answer.match(hosts -> MX, nameOnly -> IMPLICIT, noSuchName -> NONE, unanswered -> FAILED);
        }
    }

    private final CollectorRegistry registry;
    private final Gauge parked = Gauge.build("postroad_router_parked", "Shares that wait for a lookup.")
            .create();
    private final Gauge newer = Gauge.build(
                    "postroad_router_newer_records",
                    "Records that wait for a newer router, which knows all that they say.")
            .create();
    private final Gauge inFlight = Gauge.build("postroad_router_lookups_in_flight", "Lookups asked and not answered.")
            .create();
    private final Histogram lookups = Histogram.build("postroad_router_lookup_seconds", "From question to answer.")
            .labelNames("result")
            .buckets(.001, .005, .02, .1, .5, 2, 5, 10, 20)
            .create();
    private final Counter records = Counter.build("postroad_router_records_total", "Records read.")
            .labelNames("topic")
            .create();

    RouterMetrics(CollectorRegistry registry) {
        this.registry = registry;
        all().forEach(registry::register);
    }

    Gauge.Child parked() {
        return parked.labels();
    }

    Gauge.Child newer() {
        return newer.labels();
    }

    Gauge.Child inFlight() {
        return inFlight.labels();
    }

    Histogram.Child lookups(Result result) {
        return lookups.labels(Ascii.lower(result.name()));
    }

    Counter.Child records(String topic) {
        return records.labels(topic);
    }

    @Override
    public void close() {
        all().forEach(registry::unregister);
    }

    private List<Collector> all() {
        return List.of(parked, newer, inFlight, lookups, records);
    }
}
