package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Exchanger;

/** The addresses found last, for mail of the same route; most mail of a destination has one. Time is an argument. */
final class RecentPlan {
    /** Short, so that equal exchangers get their shuffle and recovered addresses their turn. */
    static final long LIFE_NANOS = Duration.ofSeconds(5).toNanos();

    private @Nullable AddressPlan plan;
    private @Nullable Delivery found;
    private long until;

    @Nullable
    AddressPlan of(Delivery delivery, long now) {
        return plan != null && found != null && now - until < 0 && isSameRoute(found, delivery) ? plan : null;
    }

    void remember(Delivery delivery, AddressPlan addresses, long now) {
        plan = addresses.endpoints().isEmpty() ? null : addresses;
        found = delivery;
        until = now + LIFE_NANOS;
    }

    void forget() {
        plan = null;
    }

    private static boolean isSameRoute(Delivery one, Delivery other) {
        if (RoutePolicy.isConfigured(one) != RoutePolicy.isConfigured(other)
                || RoutePolicy.tls(one) != RoutePolicy.tls(other)) {
            return false;
        }
        List<Exchanger> ours = RoutePolicy.exchangers(one);
        List<Exchanger> theirs = RoutePolicy.exchangers(other);
        boolean same = ours.size() == theirs.size();
        for (int i = 0; same && i < ours.size(); i++) {
            same = isSame(ours.get(i), theirs.get(i));
        }
        return same;
    }

    /** Field by field: Avro's own equals walks the schema. */
    private static boolean isSame(Exchanger one, Exchanger other) {
        return one.getPreference() == other.getPreference()
                && one.getPort() == other.getPort()
                && Objects.equals(one.getHost(), other.getHost());
    }
}
