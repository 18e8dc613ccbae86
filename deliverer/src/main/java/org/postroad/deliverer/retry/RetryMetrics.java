package org.postroad.deliverer.retry;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;

/**
 * What a retry reader counts.
 *
 * @param released messages that left to be routed again
 * @param stopped partitions of which nothing leaves, since a job's record is missing
 */
public record RetryMetrics(Counter released, Gauge stopped) {
    public static RetryMetrics of(CollectorRegistry registry) {
        return new RetryMetrics(
                Counter.build("postroad_retry_released_total", "Waiting mail released to be routed again")
                        .register(registry),
                Gauge.build(
                                "postroad_retry_stopped_partitions",
                                "Partitions of which nothing leaves, since a job's record is missing")
                        .register(registry));
    }
}
