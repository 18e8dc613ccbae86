package org.postroad.deliverer.send;

import java.time.Duration;
import org.postroad.deliverer.smtp.Endpoint;

/** How far one delivery has come in its plan of addresses; time is an argument. */
final class Itinerary {
    /** After so long no further address is begun: eleven silent exchangers must not hold a slot for an hour. */
    static final long LIMIT_NANOS = Duration.ofMinutes(2).toNanos();

    private final AddressPlan plan;
    private final long begunAt;
    private int next;

    Itinerary(AddressPlan plan, long begunAt) {
        this.plan = plan;
        this.begunAt = begunAt;
    }

    AddressPlan plan() {
        return plan;
    }

    /** No address was tried yet, so any open connection to a preferred one will do. */
    boolean isAtStart() {
        return next == 0;
    }

    /** At least two addresses, if there are as many; RFC 5321 section 5.1. */
    boolean hasNext(long now) {
        boolean inTime = now - begunAt < LIMIT_NANOS || next < 2;
        return next < plan.endpoints().size() && inTime;
    }

    Endpoint next() {
        return plan.endpoints().get(next++);
    }

    void restart() {
        next = 0;
    }
}
