package org.postroad.ingress.hook;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Histogram;

/** What a node measures of hooks. */
final class HookMetrics {
    private final Histogram seconds;

    HookMetrics(CollectorRegistry registry) {
        seconds = Histogram.build(
                        "postroad_ingress_hook_seconds",
                        "From the end of a message, or the hook before, to a hook's answer.")
                .labelNames("listener", "hook", "result")
                .buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
                .register(registry);
    }

    void answered(String listener, String hook, String result, double took) {
        seconds.labels(listener, hook, result).observe(took);
    }
}
