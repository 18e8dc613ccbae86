package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Exchanger;
import org.postroad.schemas.TlsPolicy;

/** The addresses found last, for mail of the same route; most mail of a destination has one. Time is an argument. */
final class RecentPlan {
    /** Short, so that equal exchangers get their shuffle and recovered addresses their turn. */
    static final long LIFE_NANOS = Duration.ofSeconds(5).toNanos();

    private @Nullable AddressPlan plan;
    private @Nullable Way found;
    private long until;

    /** Of a route what decides the addresses: the delivery itself, with its content, would stay in memory for each destination. */
    private record Way(boolean configured, TlsPolicy tls, List<Exchanger> exchangers) {
        static Way of(Delivery delivery) {
            return new Way(
                    RoutePolicy.isConfigured(delivery), RoutePolicy.tls(delivery), RoutePolicy.exchangers(delivery));
        }
    }

    @Nullable
    AddressPlan of(Delivery delivery, long now) {
        return plan != null && found != null && now - until < 0 && isSame(found, Way.of(delivery)) ? plan : null;
    }

    void remember(Delivery delivery, AddressPlan addresses, long now) {
        plan = addresses.endpoints().isEmpty() ? null : addresses;
        found = plan == null ? null : Way.of(delivery);
        until = now + LIFE_NANOS;
    }

    void forget() {
        plan = null;
        found = null;
    }

    private static boolean isSame(Way one, Way other) {
        if (one.configured() != other.configured() || one.tls() != other.tls()) {
            return false;
        }
        List<Exchanger> ours = one.exchangers();
        List<Exchanger> theirs = other.exchangers();
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
