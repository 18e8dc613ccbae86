package org.postroad.deliverer.smtp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Idle connections by endpoint, the one used last first: what stays unused long enough is closed.
 *
 * <p>Decides only: time is an argument and whoever asked does the closing. Confined to one loop.
 */
public final class ConnectionPool<C> {
    private record Idle<C>(C connection, long sinceNanos) {}

    private final Map<Endpoint, ArrayDeque<Idle<C>>> idle = new HashMap<>();
    private int size;

    public int size() {
        return size;
    }

    public void add(Endpoint endpoint, C connection, long nowNanos) {
        idle.computeIfAbsent(endpoint, e -> new ArrayDeque<>()).push(new Idle<>(connection, nowNanos));
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

    /** One that was closed by its exchanger. */
    public void remove(Endpoint endpoint, C connection) {
        ArrayDeque<Idle<C>> connections = idle.get(endpoint);
        if (connections != null && connections.removeIf(one -> one.connection() == connection)) {
            removed(endpoint, connections);
        }
    }

    /** Those unused for so long; they leave the pool. */
    public List<C> expired(long nowNanos, long idleNanos) {
        List<C> expired = new ArrayList<>();
        for (Endpoint endpoint : new LinkedHashSet<>(idle.keySet())) {
            ArrayDeque<Idle<C>> connections = idle.get(endpoint);
            while (connections != null
                    && !connections.isEmpty()
                    && nowNanos - connections.peekLast().sinceNanos() >= idleNanos) {
                expired.add(connections.removeLast().connection());
                removed(endpoint, connections);
            }
        }
        return expired;
    }

    /** The one unused for longest, which leaves to make room for a connection elsewhere; or null. */
    public @Nullable C evict() {
        Endpoint oldest = null;
        ArrayDeque<Idle<C>> longest = null;
        for (Map.Entry<Endpoint, ArrayDeque<Idle<C>>> entry : idle.entrySet()) {
            long since = entry.getValue().getLast().sinceNanos();
            if (longest == null || since - longest.getLast().sinceNanos() < 0) {
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
