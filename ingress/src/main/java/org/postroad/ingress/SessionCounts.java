package org.postroad.ingress;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many sessions there are, in all and of whom. Safe for all event loops, which count together: a limit of three is three,
 * whichever loops the sessions are on.
 *
 * <p>Strangers leave a quarter to those who may relay, and one network of strangers gets a tenth, unless its listener says otherwise: who
 * may not relay can keep neither our own clients out nor everybody else.
 */
final class SessionCounts {
    private final int most;
    private final Map<Object, Integer> counts = new ConcurrentHashMap<>();

    /** What is counted beside listeners, networks and users. */
    private enum Of {
        NODE,
        STRANGERS
    }

    private record OfListener(String name) {}

    private record OfNetwork(ByteBuffer network) {}

    private record OfUser(String name) {}

    /** What becomes of a new session. */
    enum Entry {
        ENTERED,
        NODE_FULL,
        LISTENER_FULL,
        NETWORK_FULL
    }

    /** @param most at once, of all together */
    SessionCounts(int most) {
        this.most = most;
    }

    /** Counts a new session, where there is room for it; whoever has entered leaves once. */
    Entry enter(Admission client) {
        ListenerLimits limits = client.listener().limits();
        if (!take(Of.NODE, most)) {
            return Entry.NODE_FULL;
        }
        Entry entry = Entry.ENTERED;
        if (!take(listener(client), limits.sessions())) {
            entry = Entry.LISTENER_FULL;
        } else if (!client.mayRelay()) {
            entry = enterAsStranger(client, limits);
            if (entry != Entry.ENTERED) {
                give(listener(client));
            }
        }
        if (entry != Entry.ENTERED) {
            give(Of.NODE);
        }
        return entry;
    }

    private Entry enterAsStranger(Admission client, ListenerLimits limits) {
        if (!take(Of.STRANGERS, most - most / 4)) {
            return Entry.NODE_FULL;
        }
        int perNetwork = limits.sessionsPerNetwork() == 0 ? Math.max(1, most / 10) : limits.sessionsPerNetwork();
        if (!take(new OfNetwork(client.network()), perNetwork)) {
            give(Of.STRANGERS);
            return Entry.NETWORK_FULL;
        }
        return Entry.ENTERED;
    }

    /** @param client as it was when it entered */
    void leave(Admission client) {
        give(Of.NODE);
        give(listener(client));
        if (!client.mayRelay()) {
            give(Of.STRANGERS);
            give(new OfNetwork(client.network()));
        }
    }

    /** Counts a session of a user, where the listener allows another; who has logged in logs out once. */
    boolean logIn(IngressConfig.Listener listener, String user) {
        return take(new OfUser(user), listener.limits().sessionsPerUser());
    }

    void logOut(String user) {
        give(new OfUser(user));
    }

    /** How many there are of a user. */
    int sessionsOf(String user) {
        return counts.getOrDefault(new OfUser(user), 0);
    }

    private static OfListener listener(Admission client) {
        return new OfListener(client.listener().name());
    }

    private boolean take(Object whose, int limit) {
        while (limit > 0) {
            Integer now = counts.putIfAbsent(whose, 1);
            if (now == null || now < limit && counts.replace(whose, now, now + 1)) {
                return true;
            }
            if (now >= limit) {
                return false;
            }
        }
        return false;
    }

    private void give(Object whose) {
        counts.computeIfPresent(whose, (same, count) -> count == 1 ? null : count - 1);
    }
}
