package org.postroad.deliverer.send;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.ConnectionPool;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.schemas.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All connections of one loop: which are open, which are idle, and which destinations wait for one.
 *
 * <p>A destination's limit is manners towards a site; but a thousand destinations may share one exchanger, a smarthost
 * or a provider nobody rolled up, and a thousand times that limit is none. So the same limit holds for an address too,
 * over all loops ({@link AddressLimits}), and idle connections belong to nobody: whichever destination of the loop has
 * mail for that address takes one. Where there are none to be had destinations queue, and each connection that is freed
 * calls the first of them; a loop gives up connections for another that has fewer.
 *
 * <p>Confined to its loop.
 */
final class Connections implements AddressLimits.Loop {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    /** Those at their own limit are passed over, but not a long queue of them for every message. */
    private static final int MOST_ASKED = 8;

    private static final LinkedHashSet<WaitingDestination> NOBODY = new LinkedHashSet<>();

    private final EventLoop loop;
    private final int limit;
    private final AddressLimits limits;
    private final SendMetrics metrics;
    private final ConnectionPool<SmtpConnection> idle = new ConnectionPool<>();
    private final Map<InetSocketAddress, Set<SmtpConnection>> open = new HashMap<>();
    private final Map<InetSocketAddress, LinkedHashSet<WaitingDestination>> waiting = new HashMap<>();
    private int count;
    private boolean calling;
    private boolean freedAgain;
    private boolean closing;

    /**
     * @param limit of all of this loop together
     * @param limits of each address, shared by all loops
     */
    Connections(EventLoop loop, int limit, AddressLimits limits, SendMetrics metrics) {
        this.loop = loop;
        this.limit = limit;
        this.limits = limits;
        this.metrics = metrics;
    }

    /** An idle one, the one used last, or null. */
    @Nullable
    SmtpConnection take(Endpoint endpoint) {
        return idle.take(endpoint);
    }

    /** Takes a place for one more to this address, for which an idle one is closed where that helps. */
    boolean takesPlace(InetSocketAddress address, int addressLimit, long now) {
        if (count >= limit && !isQuitForAnother(idle.evict())) {
            return false;
        }
        if (limits.take(address, addressLimit, this, now)) {
            return true;
        }
        return limits.openTo(address) >= addressLimit
                && isQuitForAnother(idleAt(address))
                && limits.take(address, addressLimit, this, now);
    }

    private boolean isQuitForAnother(@Nullable SmtpConnection unused) {
        if (unused == null) {
            return false;
        }
        boolean before = calling;
        calling = true; // this room is taken already
        unused.quit();
        calling = before;
        return true;
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

    /** Whether the exchanger, which said 421 to one, serves others of this node. */
    boolean isOnlyFull(InetSocketAddress address, long now) {
        return limits.isOnlyFull(address, now);
    }

    /** How the last connection there broke, while the next has to wait; else null. */
    @Nullable
    Breakdown waitsFor(InetSocketAddress address, long now) {
        return limits.waitsFor(address, now);
    }

    /** It can carry mail. */
    void ready(SmtpConnection connection) {
        limits.ready(connection.endpoint().address());
    }

    /** A transaction has ended on it, by which it may have become useful, or have broken. */
    void ended(SmtpConnection connection, Transaction ended, long now) {
        Reply dot = ended.dotReply();
        Breakdown why = ended.breakdown();
        if (dot != null && dot.isPositive()) {
            if (connection.tookMail()) {
                limits.worked(connection.endpoint().address());
            }
        } else if (why != null) {
            broke(connection, why, now);
        }
    }

    /** It broke; where it was good for nothing the next one may have to wait. */
    void broke(SmtpConnection connection, Breakdown why, long now) {
        if (!connection.isUseful() && ConnectPace.isTheirs(why)) {
            limits.fruitless(connection.endpoint().address(), why, now);
        }
    }

    /** A place that was taken for it. */
    void opening(SmtpConnection connection) {
        open.computeIfAbsent(connection.endpoint().address(), a -> new LinkedHashSet<>())
                .add(connection);
        count++;
        metrics.connecting();
    }

    /** It is anybody's, until then, unless another loop has less. */
    void idle(SmtpConnection connection, long untilNanos) {
        if (owesPlace(connection.endpoint().address())) {
            connection.quit();
            return;
        }
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
        connection.whenEnded(() -> ended(connection));
    }

    private void ended(SmtpConnection connection) {
        InetSocketAddress address = connection.endpoint().address();
        AddressLimits.Ended how = connection.isUseful()
                ? AddressLimits.Ended.USEFUL
                : connection.wasReady() ? AddressLimits.Ended.READY : AddressLimits.Ended.OPENING;
        tell(limits.closed(address, how, this, loop.ticker().nanoTime()), address);
    }

    private void tell(AddressLimits.@Nullable Loop next, InetSocketAddress address) {
        if (next == this) {
            freed(address);
        } else if (next != null) {
            next.placeFreed(address);
        }
    }

    @Override
    public void placeFreed(InetSocketAddress address) {
        later(() -> freed(address));
    }

    @Override
    public void placeWanted(InetSocketAddress address) {
        later(() -> {
            SmtpConnection unused = idleAt(address);
            if (unused != null) {
                unused.quit();
            }
        });
    }

    private void later(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException closing) {
            LOG.atDebug().setCause(closing).log("an event loop that ends needs no connections");
        }
    }

    void await(InetSocketAddress address, WaitingDestination destination) {
        waiting.computeIfAbsent(address, a -> new LinkedHashSet<>()).add(destination);
        limits.await(address, this);
    }

    boolean isAwaited(InetSocketAddress address) {
        return waiting.containsKey(address);
    }

    /** Whether another loop waits for a connection there that has fewer. */
    boolean owesPlace(InetSocketAddress address) {
        return limits.owesPlace(address, this);
    }

    /**
     * The next message of who has waited longest and may have one more under way, or null: a freed connection would cost it a round trip
     * more. Who has further messages goes to the end of the queue.
     */
    @Nullable
    Transaction riderFor(SmtpConnection connection) {
        InetSocketAddress address = connection.endpoint().address();
        LinkedHashSet<WaitingDestination> queue = waiting.getOrDefault(address, NOBODY);
        int asked = 0;
        for (Iterator<WaitingDestination> next = queue.iterator(); next.hasNext() && asked < MOST_ASKED; asked++) {
            WaitingDestination destination = next.next();
            Transaction rider = destination.board(connection);
            if (rider != null) {
                next.remove();
                if (destination.waiting() > 0) {
                    queue.add(destination);
                } else {
                    leaveIfNobodyWaits(address);
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
        leaveIfNobodyWaits(address);
    }

    private void leaveIfNobodyWaits(InetSocketAddress address) {
        Set<WaitingDestination> queue = waiting.get(address);
        if (queue == null || queue.isEmpty()) {
            waiting.remove(address);
            if (queue != null) {
                tell(limits.leave(address, this, loop.ticker().nanoTime()), address);
            }
        }
    }

    private static void callFirst(Set<WaitingDestination> queue) {
        boolean called = false;
        while (!called && !queue.isEmpty()) {
            WaitingDestination first = queue.iterator().next();
            queue.remove(first);
            called = first.call();
        }
    }

    boolean isAnyIdle() {
        return idle.size() > 0;
    }

    void quitExpired(long now) {
        idle.expired(now).forEach(SmtpConnection::quit);
    }

    void quitIdle() {
        for (SmtpConnection unused = idle.evict(); unused != null; unused = idle.evict()) {
            unused.quit();
        }
    }

    /** No more mail is started: what is not used from now on goes. */
    void close() {
        closing = true;
    }

    boolean isClosing() {
        return closing;
    }

    /** Those still opening too: nobody waits for them any more. */
    void abortAll(String reason) {
        List<SmtpConnection> all = new ArrayList<>();
        open.values().forEach(all::addAll);
        all.forEach(connection -> connection.abort(reason));
    }
}
