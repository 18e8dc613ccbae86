package org.postroad.deliverer.send;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.ConnectionPool;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;

/**
 * All connections of one loop: how many each exchanger address has, which are idle, and which destinations wait for one.
 *
 * <p>A destination's limit is manners towards a site; but a thousand destinations may share one exchanger, a smarthost
 * or a provider nobody rolled up, and a thousand times that limit is none. So the same limit holds for an address too,
 * and idle connections belong to nobody: whichever destination has mail for that address takes one. Where there are
 * none to be had destinations queue, and each connection that is freed calls the first of them.
 *
 * <p>Confined to its loop.
 */
final class Connections {
    /** Those at their own limit are passed over, but not a long queue of them for every message. */
    private static final int MOST_ASKED = 8;

    private static final LinkedHashSet<Destination> NOBODY = new LinkedHashSet<>();

    private final int limit;
    private final SendMetrics metrics;
    private final ConnectionPool<SmtpConnection> idle = new ConnectionPool<>();
    private final Map<InetSocketAddress, Set<SmtpConnection>> open = new HashMap<>();
    private final Map<InetSocketAddress, LinkedHashSet<Destination>> waiting = new HashMap<>();
    private int count;
    private boolean calling;
    private boolean freedAgain;

    /** @param limit of all together */
    Connections(int limit, SendMetrics metrics) {
        this.limit = limit;
        this.metrics = metrics;
    }

    /** An idle one, the one used last, or null. */
    @Nullable
    SmtpConnection take(Endpoint endpoint) {
        return idle.take(endpoint);
    }

    /** Whether there may be one more to this address, for which an idle one is closed where that helps. */
    boolean makesRoom(InetSocketAddress address, int addressLimit) {
        SmtpConnection unused = null;
        if (openTo(address) >= addressLimit) {
            unused = idleAt(address);
        } else if (count >= limit) {
            unused = idle.evict();
        } else {
            return true;
        }
        if (unused != null) {
            boolean before = calling;
            calling = true; // this room is taken already
            unused.quit();
            calling = before;
        }
        return unused != null;
    }

    /** One with another host name or TLS posture than is wanted; it leaves the pool. */
    private @Nullable SmtpConnection idleAt(InetSocketAddress address) {
        for (SmtpConnection one : open.getOrDefault(address, Set.of())) {
            if (one.isIdle() && idle.remove(one.endpoint(), one)) {
                return one;
            }
        }
        return null;
    }

    int openTo(InetSocketAddress address) {
        return open.getOrDefault(address, Set.of()).size();
    }

    /** Whether the exchanger at this address serves one of ours: of those that are opening nobody knows yet. */
    boolean hasReady(InetSocketAddress address) {
        return open.getOrDefault(address, Set.of()).stream().anyMatch(SmtpConnection::isReady);
    }

    void opening(SmtpConnection connection) {
        open.computeIfAbsent(connection.endpoint().address(), a -> new HashSet<>())
                .add(connection);
        count++;
        metrics.connecting();
    }

    /** It is anybody's, until then. */
    void idle(SmtpConnection connection, long untilNanos) {
        idle.add(connection.endpoint(), connection, untilNanos);
        freed(connection.endpoint().address());
    }

    void closed(SmtpConnection connection) {
        InetSocketAddress address = connection.endpoint().address();
        Set<SmtpConnection> there = open.get(address);
        if (there == null || !there.remove(connection)) {
            return;
        }
        idle.remove(connection.endpoint(), connection);
        count--;
        metrics.connectionClosed();
        if (there.isEmpty()) {
            open.remove(address);
        }
        freed(address);
    }

    void await(InetSocketAddress address, Destination destination) {
        waiting.computeIfAbsent(address, a -> new LinkedHashSet<>()).add(destination);
    }

    boolean isAwaited(InetSocketAddress address) {
        return waiting.containsKey(address);
    }

    /**
     * The next message of who has waited longest and may have one more under way, or null: a freed connection would cost it a round trip more. Who has
     * further messages goes to the end of the queue.
     */
    @Nullable
    Transaction riderFor(SmtpConnection connection) {
        InetSocketAddress address = connection.endpoint().address();
        LinkedHashSet<Destination> queue = waiting.getOrDefault(address, NOBODY);
        int asked = 0;
        for (Iterator<Destination> next = queue.iterator(); next.hasNext() && asked < MOST_ASKED; asked++) {
            Destination destination = next.next();
            Transaction rider = destination.board(connection);
            if (rider != null) {
                next.remove();
                if (destination.waiting() > 0) {
                    queue.add(destination);
                } else if (queue.isEmpty()) {
                    waiting.remove(address);
                }
                return rider;
            }
        }
        return null;
    }

    /**
     * Calls those that have waited longest, at once: whoever freed it would take it again before they are heard. What
     * they free in turn is for the next of them.
     */
    private void freed(InetSocketAddress address) {
        freedAgain = true;
        if (calling) {
            return;
        }
        calling = true;
        try {
            while (freedAgain) {
                freedAgain = false;
                callFirst(waiting.getOrDefault(address, NOBODY));
            }
        } finally {
            calling = false;
        }
        if (waiting.getOrDefault(address, NOBODY).isEmpty()) {
            waiting.remove(address);
        }
    }

    private static void callFirst(LinkedHashSet<Destination> queue) {
        boolean called = false;
        while (!called && !queue.isEmpty()) {
            Destination first = queue.iterator().next();
            queue.remove(first);
            called = first.call();
        }
    }

    void quitExpired(long now) {
        idle.expired(now).forEach(SmtpConnection::quit);
    }

    void quitIdle() {
        for (SmtpConnection unused = idle.evict(); unused != null; unused = idle.evict()) {
            unused.quit();
        }
    }

    /** Those still opening too: nobody waits for them any more. */
    void abortAll(String reason) {
        List<SmtpConnection> all = new ArrayList<>();
        open.values().forEach(all::addAll);
        all.forEach(connection -> connection.abort(reason));
    }
}
