package org.postroad.router;

import java.util.function.Supplier;

/** The plan that holds now: replaced by the thread that reads the control topic, asked for by every stream thread. */
final class CurrentPlan implements Supplier<RoutePlan> {
    private volatile RoutePlan plan;

    CurrentPlan(RoutePlan first) {
        plan = first;
    }

    /** Unless both decide the same, which is so after every change that is not about ways: what is known stays as it is then. */
    void replace(RoutePlan next) {
        if (!next.decidesAs(plan)) {
            plan = next;
        }
    }

    @Override
    public RoutePlan get() {
        return plan;
    }
}
