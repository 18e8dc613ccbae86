package org.postroad.deploy.observer;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;

/** What the observer measures. */
final class ObserverMetrics {
    private final Gauge lag;
    private final Gauge recipients;
    private final Counter events;

    ObserverMetrics(CollectorRegistry registry) {
        lag = Gauge.build("postroad_observer_lag_records", "Events that are not in the index yet.")
                .register(registry);
        recipients = Gauge.build("postroad_observer_recipients", "Recipients whose mail is under way, by the events.")
                .register(registry);
        events = Counter.build("postroad_observer_events_total", "Events that were read into the index.")
                .register(registry);
    }

    void seen(long behind, long underWay) {
        lag.set((double) behind);
        recipients.set((double) underWay);
    }

    void read(int number) {
        events.inc(number);
    }
}
