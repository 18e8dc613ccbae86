package org.postroad.deliverer.address;

import java.time.Duration;
import java.util.List;
import org.postroad.deliverer.config.AddressFamily;
import org.postroad.deliverer.smtp.Endpoint;

/** How far one delivery has come in its plan of addresses; time is an argument. */
public final class Itinerary {
    /** After so long no further address is begun: eleven silent exchangers must not hold a slot for an hour. */
    static final long LIMIT_NANOS = Duration.ofMinutes(2).toNanos();

    private final AddressPlan plan;
    private final long begunAt;
    private int next;

    public Itinerary(AddressPlan plan, long begunAt) {
        this.plan = plan;
        this.begunAt = begunAt;
    }

    public AddressPlan plan() {
        return plan;
    }

    /** No address was tried yet, so any open connection to a preferred one will do. */
    public boolean isAtStart() {
        return next == 0;
    }

    /** At least two addresses, if there are as many (RFC 5321 section 5.1), and of both families: one may have no way out of here. */
    public boolean hasNext(long now) {
        return upcoming(now) < plan.endpoints().size();
    }

    public Endpoint next(long now) {
        int upcoming = upcoming(now);
        next = upcoming + 1;
        return plan.endpoints().get(upcoming);
    }

    private int upcoming(long now) {
        boolean inTime = now - begunAt < LIMIT_NANOS || next < 2;
        List<Endpoint> endpoints = plan.endpoints();
        int upcoming = next;
        while (!inTime && upcoming < endpoints.size() && wasTried(AddressPlan.family(endpoints.get(upcoming)))) {
            upcoming++;
        }
        return upcoming;
    }

    private boolean wasTried(AddressFamily family) {
        return plan.endpoints().subList(0, next).stream().anyMatch(endpoint -> AddressPlan.family(endpoint) == family);
    }

    public void restart() {
        next = 0;
    }
}
