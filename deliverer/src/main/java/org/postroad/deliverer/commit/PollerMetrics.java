package org.postroad.deliverer.commit;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.util.List;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.delivery.RecipientOutcome;

/** What the poller counts. */
public final class PollerMetrics {
    private static final Outcome.Cases<String> NAMES = new Outcome.Cases<>(
            delivered -> "delivered",
            deferred -> "deferred",
            faulted -> "faulted",
            bounced -> "bounced",
            untried -> "untried",
            held -> "held");

    final Gauge openRecords;
    final Gauge commitAge;
    final Histogram commit;
    final Counter dropped;
    final Counter ledgerOverflow;
    final Counter rejected;
    final Counter newer;
    private final Counter inDoubt;
    private final Counter outcomes;

    public PollerMetrics(CollectorRegistry registry) {
        openRecords = Gauge.build("postroad_deliverer_open_records", "Deliveries with the event loops")
                .register(registry);
        commitAge = Gauge.build("postroad_deliverer_commit_age_seconds", "Since the last successful commit began")
                .register(registry);
        commit = Histogram.build(
                        "postroad_deliverer_commit_seconds", "From the begin of a batch's transaction to its commit")
                .buckets(.005, .01, .02, .05, .1, .2, .5, 1, 2, 5)
                .register(registry);
        dropped = Counter.build(
                        "postroad_deliverer_dropped_completions_total", "Completions of an assignment that had ended")
                .register(registry);
        ledgerOverflow = Counter.build(
                        "postroad_deliverer_ledger_overflow_total", "Commits whose ledger did not fit the metadata")
                .register(registry);
        rejected = Counter.build("postroad_deliverer_rejected_total", "Records of outbound that nobody can read")
                .register(registry);
        newer = Counter.build(
                        "postroad_deliverer_newer_total",
                        "Records of outbound put off because only a newer node knows all that they say")
                .register(registry);
        inDoubt = Counter.build(
                        "postroad_deliverer_in_doubt_total",
                        "Recipients whose mail was past its final dot and unanswered")
                .register(registry);
        outcomes = Counter.build("postroad_deliverer_outcomes_total", "Recipients by what became of them")
                .labelNames("outcome")
                .register(registry);
    }

    void count(List<RecipientOutcome> finished) {
        for (RecipientOutcome one : finished) {
            outcomes.labels(one.outcome().match(NAMES)).inc();
            if (one.outcome() instanceof Outcome.Deferred deferred && deferred.inDoubt()) {
                inDoubt.inc();
            }
        }
    }
}
