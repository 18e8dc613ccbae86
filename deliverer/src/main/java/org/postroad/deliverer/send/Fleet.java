package org.postroad.deliverer.send;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.address.AddressPlan;
import org.postroad.deliverer.config.Limit;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;

/** The connections that one destination uses now, within its limits, and whether it waits for more; confined to a loop. */
final class Fleet implements SmtpConnection.Owner {
    /** So many messages in a row of one destination ride on a connection that others wait for. */
    private static final int TURN = 16;

    /** The same where another loop waits, for which the connection has to be closed and another opened. */
    private static final int LOOP_TURN = 4 * TURN;

    private final WaitingDestination destination;
    private final LoopParts parts;
    private final Connections shared;
    private final Runnable look;
    private final Set<SmtpConnection> inUse = new LinkedHashSet<>();
    private Limit limit;

    /** Not used any more, and not gone yet: the exchanger counts them. */
    private int ending;

    /** @param look when it may use one more */
    Fleet(WaitingDestination destination, LoopParts parts, Limit limit, Runnable look) {
        this.destination = destination;
        this.parts = parts;
        this.shared = parts.connections();
        this.limit = limit;
        this.look = look;
    }

    void limit(Limit now) {
        limit = now;
    }

    boolean isEmpty() {
        return inUse.isEmpty();
    }

    List<SmtpConnection> all() {
        return List.copyOf(inUse);
    }

    /** Whether it may use one more. */
    boolean mayGrow() {
        return inUse.size() + ending < limit.connections();
    }

    /** Whether it uses more than it may, since it may use fewer than before. */
    private boolean isTooLarge() {
        return inUse.size() > limit.connections();
    }

    /** An open connection to an address as good as any, whoever had it before. */
    @Nullable
    SmtpConnection takeIdle(AddressPlan plan) {
        for (int i = 0; i < plan.preferred(); i++) {
            SmtpConnection idle = shared.take(plan.endpoints().get(i));
            if (idle != null) {
                idle.passTo(this);
                inUse.add(idle);
                return idle;
            }
        }
        return null;
    }

    /**
     * A new connection, or null when there is no room for it now: where others' are in the way, the queue is called when one is freed.
     *
     * @param queue whose mail wants it
     */
    @Nullable
    SmtpConnection connect(Endpoint endpoint, RouteQueue queue, SmtpConnection.Opener opener) {
        if (!mayGrow()) {
            return null;
        }
        if (!shared.takesPlace(endpoint.address(), limit.connections(), parts.now())) {
            await(endpoint, queue);
            return null;
        }
        SmtpConnection connection = new SmtpConnection(endpoint, parts.client(), this, opener);
        inUse.add(connection);
        shared.opening(connection);
        try {
            connection.open(parts.bootstrap().clone());
        } catch (Throwable bug) {
            closed(connection); // or it would hold its place for ever
            throw bug;
        }
        return connection;
    }

    private void await(Endpoint endpoint, RouteQueue queue) {
        queue.waits(parts.now());
        shared.await(endpoint.address(), destination);
    }

    /** Whether the exchanger refused this one by 421 and serves others of ours; then those are all there will be for a while. */
    boolean isOnlyFull(Endpoint endpoint, Breakdown why, RouteQueue queue) {
        boolean busy = why.reply() != null && why.reply().code() == 421;
        boolean others = busy && shared.isOnlyFull(endpoint.address(), parts.now());
        if (others) {
            await(endpoint, queue);
        }
        return others;
    }

    /** Whether so many messages were carried in a row that others may have the connection, if any want it. */
    static boolean isEndOfTurn(SmtpConnection connection) {
        return connection.carried() % TURN == 0;
    }

    /** Whether one more message of this destination may follow on this connection. */
    boolean mayCarryOn(SmtpConnection connection) {
        boolean turnIsOver = isEndOfTurn(connection)
                && shared.isAwaited(connection.endpoint().address());
        return carriesMore(connection) && !turnIsOver && !isOwed(connection) && !isTooLarge();
    }

    private boolean isOwed(SmtpConnection connection) {
        return connection.carried() % LOOP_TURN == 0
                && shared.owesPlace(connection.endpoint().address());
    }

    /** A message of a destination of this loop that waits for a connection like this one, or null. */
    @Nullable
    Transaction riderOfOthers(SmtpConnection connection) {
        return carriesMore(connection) && !isOwed(connection) ? shared.riderFor(connection) : null;
    }

    /** Whether a message of this destination may follow another's on this connection. */
    boolean mayBoard(SmtpConnection connection) {
        return carriesMore(connection) && !inUse.contains(connection) && mayGrow();
    }

    private boolean carriesMore(SmtpConnection connection) {
        return connection.carried() < limit.messagesPerConnection();
    }

    /** It is in use for this destination too, while the other's last message there is answered. */
    void boarded(SmtpConnection connection) {
        inUse.add(connection);
    }

    /** A message of this destination has ended on it: it may be another's now, or gone. */
    void messageEnded(SmtpConnection connection) {
        if (connection.isClosed() || !connection.isOf(this)) {
            inUse.remove(connection);
        }
    }

    /** It is anybody's now; those who wait for it come first. */
    @Override
    public void idle(SmtpConnection connection) {
        if (connection.isIdle() && inUse.contains(connection)) {
            if (shared.isClosing() || !carriesMore(connection) || isTooLarge()) {
                connection.quit();
            } else {
                inUse.remove(connection);
                shared.idle(connection, parts.now() + limit.idle().toNanos());
            }
        }
        look.run();
    }

    @Override
    public void closed(SmtpConnection connection) {
        boolean used = inUse.remove(connection);
        shared.closed(connection);
        if (used) {
            ending++;
            connection.whenEnded(() -> {
                ending--;
                look.run();
            });
        }
    }
}
