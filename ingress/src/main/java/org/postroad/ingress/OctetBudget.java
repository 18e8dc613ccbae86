package org.postroad.ingress;

import io.prometheus.client.Gauge;
import org.postroad.ingress.hook.Inspection;

/**
 * The octets of content that one event loop holds, from the socket until Kafka has them.
 *
 * <p>Confined to its loop. A session that finds the budget tight keeps little and lets the client wait; but thousands of
 * sessions that each keep a little would still outgrow the heap, so at {@link #MOST_LIMITS} times the limit content is
 * refused for now.
 */
final class OctetBudget implements Inspection.Memory {
    static final int MOST_LIMITS = 3;

    /** From here on, sessions that stand still give their memory to others, so that content is seldom refused. */
    static final int PRESSED_LIMITS = 2;

    private final long limit;
    private final Gauge gauge;
    private Runnable onPressure = () -> {};
    private long held;

    OctetBudget(long limit, Gauge gauge) {
        this.limit = limit;
        this.gauge = gauge;
    }

    long limit() {
        return limit;
    }

    boolean isTight(long more) {
        return held + more > limit;
    }

    /** Whether so many more octets cannot be held at all. */
    boolean isExhausted(long more) {
        return held + more > limit * MOST_LIMITS;
    }

    /** Whether so much is held that it is time to make room. */
    boolean isPressed() {
        return held > limit * PRESSED_LIMITS;
    }

    /** Whether the next message would most likely find no room. */
    boolean isNearlyExhausted() {
        return isExhausted(limit / 4);
    }

    /** @param action runs each time octets are taken while the budget is pressed; it must not give any back at once */
    void onPressure(Runnable action) {
        onPressure = action;
    }

    @Override
    public void take(long octets) {
        held += octets;
        gauge.inc((double) octets);
        if (isPressed()) {
            onPressure.run();
        }
    }

    @Override
    public void give(long octets) {
        held -= octets;
        gauge.dec((double) octets);
    }

    long held() {
        return held;
    }
}
