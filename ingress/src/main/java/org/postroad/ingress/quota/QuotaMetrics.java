package org.postroad.ingress.quota;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;

/** What an ingress node counts of limits. */
final class QuotaMetrics {
    private final Counter refused;
    private final Counter claims;
    private final Histogram claimSeconds;
    private final Gauge counts;

    QuotaMetrics(CollectorRegistry registry) {
        refused = Counter.build(
                        "postroad_ingress_over_limit_total",
                        "Times that MAIL, RCPT or a message was refused for a rate or a quota.")
                .labelNames("for", "what")
                .register(registry);
        claims = Counter.build("postroad_ingress_quota_claims_total", "Messages that asked for their quotas.")
                .labelNames("outcome")
                .register(registry);
        claimSeconds = Histogram.build("postroad_ingress_quota_claim_seconds", "From a claim to its answer.")
                .buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
                .register(registry);
        counts = Gauge.build("postroad_ingress_quota_counts", "Quotas of which something is used.")
                .register(registry);
    }

    void refused(SenderLimit limit) {
        refused.labels(limit.subject().word, limit.counted().word).inc();
    }

    void answered(String outcome, double seconds) {
        claims.labels(outcome).inc();
        claimSeconds.observe(seconds);
    }

    void counts(int count) {
        counts.set(count);
    }
}
