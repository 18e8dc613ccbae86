package org.postroad.ingress;

import io.prometheus.client.Gauge;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The octets that a node holds for mail that is described in JSON: requests, what is read of them, and what is composed. Beside the memory
 * for content, so that no such request keeps out mail by SMTP; one for all event loops, or the largest request would fit none of many.
 *
 * <p>Safe for all event loops.
 */
final class JsonMemory {
    /** Room for the largest request ({@link JsonBody#MOST_OCTETS}) and for one mail that is composed of it. */
    static final long LEAST_OCTETS = 64L * 1024 * 1024;

    /** Of the heap. */
    private static final int PART = 8;

    private final long limit;
    private final Gauge gauge;
    private final AtomicLong held = new AtomicLong();

    JsonMemory(long limit, Gauge gauge) {
        this.limit = limit;
        this.gauge = gauge;
    }

    static JsonMemory ofThisProcess(Gauge gauge) {
        return new JsonMemory(Math.max(LEAST_OCTETS, Runtime.getRuntime().maxMemory() / PART), gauge);
    }

    /** What one mail may take while it is composed: half, so that it fits beside the request that it is made from. */
    long mostOfOneMail() {
        return limit / 2;
    }

    /** Whether they are taken; they are not where they do not fit. */
    boolean take(long octets) {
        if (held.addAndGet(octets) > limit) {
            held.addAndGet(-octets);
            return false;
        }
        gauge.inc((double) octets);
        return true;
    }

    void give(long octets) {
        held.addAndGet(-octets);
        gauge.dec((double) octets);
    }

    /** Whether so much is held that it is time to make room. */
    boolean isPressed() {
        return held.get() > limit / 2;
    }

    long held() {
        return held.get();
    }
}
