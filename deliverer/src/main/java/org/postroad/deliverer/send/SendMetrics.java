package org.postroad.deliverer.send;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.util.EnumMap;
import java.util.Map;
import org.postroad.deliverer.delivery.Outcome;
import org.postroad.deliverer.smtp.Step;
import org.postroad.deliverer.smtp.StepTime;

/** What is counted of sending; safe for every loop. Labels come from enums, never from mail. */
final class SendMetrics implements StepTime.Measures {
    private static final double[] REPLY_SECONDS = {0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300};

    private final Gauge connections;
    private final Counter opened;
    private final Gauge waiting;
    private final Counter twice;
    private final Counter suspensions;
    private final Counter.Child oldRoutesAgain;
    private final Counter.Child oldRoutesUsed;
    private final Outcome.Cases<Counter.Child> attempts;
    private final Map<Step, Histogram.Child> replies = new EnumMap<>(Step.class);
    private final Map<Step, Histogram.Child> failures = new EnumMap<>(Step.class);

    SendMetrics(CollectorRegistry registry) {
        connections = Gauge.build("postroad_deliverer_connections", "Connections to exchangers, opening ones too")
                .register(registry);
        opened = Counter.build(
                        "postroad_deliverer_connections_opened_total", "Connections that reached their first mail")
                .register(registry);
        waiting = Gauge.build("postroad_deliverer_waiting", "Deliveries that wait for their destination")
                .register(registry);
        twice = Counter.build("postroad_deliverer_double_completions_total", "Second ends of a delivery, dropped")
                .register(registry);
        suspensions = Counter.build(
                        "postroad_deliverer_suspensions_total", "Destinations that refused us message after message")
                .register(registry);
        Counter oldRoutes = Counter.build(
                        "postroad_deliverer_old_routes_total", "Deliveries whose route was over an hour old")
                .labelNames("then")
                .register(registry);
        oldRoutesAgain = oldRoutes.labels("routed_again");
        oldRoutesUsed = oldRoutes.labels("used");
        Counter outcomes = Counter.build("postroad_deliverer_attempts_total", "Recipients tried, by what became of it")
                .labelNames("outcome")
                .register(registry);
        Counter.Child delivered = outcomes.labels("delivered");
        Counter.Child deferred = outcomes.labels("deferred");
        Counter.Child faulted = outcomes.labels("faulted");
        Counter.Child bounced = outcomes.labels("bounced");
        Counter.Child untried = outcomes.labels("untried");
        Counter.Child held = outcomes.labels("held");
        attempts =
                new Outcome.Cases<>(o -> delivered, o -> deferred, o -> faulted, o -> bounced, o -> untried, o -> held);
        Histogram seconds = Histogram.build("postroad_deliverer_reply_seconds", "How long each step of the dialog took")
                .labelNames("stage", "result")
                .buckets(REPLY_SECONDS)
                .register(registry);
        for (Step step : Step.values()) {
            replies.put(step, seconds.labels(step.stage(), "reply"));
            failures.put(step, seconds.labels(step.stage(), "failed"));
        }
    }

    void outcome(Outcome outcome) {
        outcome.match(attempts).inc();
    }

    @Override
    public void replied(Step step, long nanos) {
        Histogram.Child child = replies.get(step);
        if (child != null && step != Step.RCPT) {
            child.observe(nanos / 1e9);
        }
    }

    @Override
    public void failed(Step step, long nanos) {
        Histogram.Child child = failures.get(step);
        if (child != null) {
            child.observe(nanos / 1e9);
        }
    }

    void connecting() {
        connections.inc();
    }

    void connectionOpened() {
        opened.inc();
    }

    void connectionClosed() {
        connections.dec();
    }

    void waiting(int more) {
        waiting.inc(more);
    }

    void doubleCompletion() {
        twice.inc();
    }

    void oldRoute(boolean used) {
        (used ? oldRoutesUsed : oldRoutesAgain).inc();
    }

    void suspended() {
        suspensions.inc();
    }
}
