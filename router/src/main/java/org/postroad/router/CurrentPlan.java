package org.postroad.router;

import java.util.function.Supplier;

/** The plan that holds now: replaced by the thread that reads the control topic, asked for by every stream thread. */
final class CurrentPlan implements Supplier<RoutePlan> {
    private volatile RoutePlan plan;

    CurrentPlan(RoutePlan first) {
        plan = first;
    }

    void replace(RoutePlan next) {
        plan = next;
    }

    @Override
    public RoutePlan get() {
        return plan;
    }
}
