package org.postroad.deliverer.smtp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Idle connections by endpoint, the one used last first; one that nobody takes in its time is closed.
 *
 * <p>Decides only: time is an argument and whoever asked does the closing. Confined to one loop.
 */
public final class ConnectionPool<C> {
    private record Idle<C>(C connection, long untilNanos) {}

    private final Map<Endpoint, ArrayDeque<Idle<C>>> idle = new HashMap<>();
    private int size;

    public int size() {
        return size;
    }

    /**
     * Keeps an idle connection.
     *
     * @param untilNanos when it is closed if nobody took it
     */
    public void add(Endpoint endpoint, C connection, long untilNanos) {
        idle.computeIfAbsent(endpoint, e -> new ArrayDeque<>()).push(new Idle<>(connection, untilNanos));
        size++;
    }

    /** The connection to it that was used last, or null. */
    public @Nullable C take(Endpoint endpoint) {
        ArrayDeque<Idle<C>> connections = idle.get(endpoint);
        if (connections == null) {
            return null;
        }
        Idle<C> last = connections.pop();
        removed(endpoint, connections);
        return last.connection();
    }

    /** One that was closed by its exchanger, or is wanted elsewhere; whether it was here. */
    public boolean remove(Endpoint endpoint, C connection) {
        ArrayDeque<Idle<C>> connections = idle.get(endpoint);
        boolean here = connections != null && connections.removeIf(one -> one.connection() == connection);
        if (here && connections != null) {
            removed(endpoint, connections);
        }
        return here;
    }

    /** Those whose time is over; they leave the pool. */
    public List<C> expired(long nowNanos) {
        List<C> expired = new ArrayList<>();
        for (ArrayDeque<Idle<C>> connections : idle.values()) {
            connections.removeIf(one -> nowNanos - one.untilNanos() >= 0 && expired.add(one.connection()));
        }
        size -= expired.size();
        idle.values().removeIf(ArrayDeque::isEmpty);
        return expired;
    }

    /** The one whose time is over next, which leaves to make room for a connection elsewhere; or null. */
    public @Nullable C evict() {
        Endpoint oldest = null;
        ArrayDeque<Idle<C>> longest = null;
        for (Map.Entry<Endpoint, ArrayDeque<Idle<C>>> entry : idle.entrySet()) {
            long until = entry.getValue().getLast().untilNanos();
            if (longest == null || until - longest.getLast().untilNanos() < 0) {
                oldest = entry.getKey();
                longest = entry.getValue();
            }
        }
        if (oldest == null || longest == null) {
            return null;
        }
        C evicted = longest.removeLast().connection();
        removed(oldest, longest);
        return evicted;
    }

    private void removed(Endpoint endpoint, ArrayDeque<Idle<C>> connections) {
        size--;
        if (connections.isEmpty()) {
            idle.remove(endpoint);
        }
    }
}
