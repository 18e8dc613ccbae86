package org.postroad.deliverer.send;

import io.netty.bootstrap.Bootstrap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.Breakdown;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.deliverer.work.Limit;

/** The connections that one destination uses now, within its limits, and whether it waits for more; confined to a loop. */
final class Fleet {
    /** So many messages in a row of one destination ride on a connection that others wait for. */
    private static final int TURN = 16;

    /** The same where another loop waits, for which the connection has to be closed and another opened. */
    private static final int LOOP_TURN = 4 * TURN;

    private final Destination owner;
    private final Connections shared;
    private Limit limit;
    private final Set<SmtpConnection> inUse = new LinkedHashSet<>();

    /** Not used any more, and not gone yet: the exchanger counts them. */
    private int ending;

    Fleet(Destination owner, Connections shared, Limit limit) {
        this.owner = owner;
        this.shared = shared;
        this.limit = limit;
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
                idle.passTo(owner);
                inUse.add(idle);
                return idle;
            }
        }
        return null;
    }

    /** Takes a place for a connection to be opened; where others' are in the way, the queue is called when one is freed. */
    boolean takesPlace(Endpoint endpoint, RouteQueue queue, long now) {
        if (!mayGrow()) {
            return false;
        }
        boolean room = shared.takesPlace(endpoint.address(), limit.connections(), now);
        if (!room) {
            await(endpoint, queue, now);
        }
        return room;
    }

    private void await(Endpoint endpoint, RouteQueue queue, long now) {
        queue.waits(now);
        shared.await(endpoint.address(), owner);
    }

    /** Opens one whose place is taken. */
    void open(SmtpConnection connection, Bootstrap bootstrap) {
        inUse.add(connection);
        shared.opening(connection);
        try {
            connection.open(bootstrap);
        } catch (Throwable bug) {
            closed(connection); // or it would hold its place for ever
            throw bug;
        }
    }

    /** Whether the exchanger refused this one by 421 and serves others of ours; then those are all there will be for a while. */
    boolean isOnlyFull(Endpoint endpoint, Breakdown why, RouteQueue queue, long now) {
        boolean busy = why.reply() != null && why.reply().code() == 421;
        boolean others = busy && shared.isOnlyFull(endpoint.address(), now);
        if (others) {
            await(endpoint, queue, now);
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

    /** It is another destination's now, or gone. */
    void left(SmtpConnection connection) {
        inUse.remove(connection);
    }

    /** It is anybody's now; those who wait for it come first. */
    void idle(SmtpConnection connection, boolean closing) {
        if (!connection.isIdle() || !inUse.contains(connection)) {
            return;
        }
        if (closing || !carriesMore(connection) || isTooLarge()) {
            connection.quit();
        } else {
            inUse.remove(connection);
            shared.idle(connection, owner.now() + limit.idle().toNanos());
        }
    }

    void closed(SmtpConnection connection) {
        boolean used = inUse.remove(connection);
        shared.closed(connection);
        if (used) {
            ending++;
            connection.whenEnded(() -> {
                ending--;
                owner.pumpLater();
            });
        }
    }
}
