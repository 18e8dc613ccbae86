package org.postroad.deliverer.send;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.Endpoint;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;
import org.postroad.deliverer.work.Limit;

/** The connections that one destination uses now, within its limits, and whether it waits for more; confined to a loop. */
final class Fleet {
    /** After so long one that waits for a connection looks by itself whether there is one. */
    private static final long LOOK_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

    /** So many messages in a row of one destination ride on a connection that others wait for. */
    private static final int TURN = 16;

    private final Destination owner;
    private final Connections shared;
    private final Limit limit;
    private final ConcurrencyWindow window;
    private final Set<SmtpConnection> inUse = new HashSet<>();
    private long waitsUntil = System.nanoTime();

    Fleet(Destination owner, Connections shared, Limit limit, ConcurrencyWindow window) {
        this.owner = owner;
        this.shared = shared;
        this.limit = limit;
        this.window = window;
    }

    boolean isEmpty() {
        return inUse.isEmpty();
    }

    List<SmtpConnection> all() {
        return List.copyOf(inUse);
    }

    /** Whether it may use one more. */
    boolean mayGrow(long now) {
        return window.mayConnect(inUse.size(), now) && now - waitsUntil >= 0;
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

    /** Whether a connection may be opened; where only others' connections are in the way, it is called when one is freed. */
    boolean mayOpen(Endpoint endpoint, long now) {
        if (!window.mayConnect(inUse.size(), now)) {
            return false;
        }
        boolean room = shared.makesRoom(endpoint.address(), limit.connections());
        if (!room) {
            await(endpoint, now);
        }
        return room;
    }

    private void await(Endpoint endpoint, long now) {
        waitsUntil = now + LOOK_AGAIN_NANOS;
        shared.await(endpoint.address(), owner);
    }

    void opening(SmtpConnection connection) {
        inUse.add(connection);
        shared.opening(connection);
    }

    /** Whether the exchanger, which refused one more, keeps others of ours; then those are all there will be for a while. */
    boolean isFull(Endpoint endpoint, long now) {
        boolean others = shared.hasReady(endpoint.address());
        if (others) {
            window.full(inUse.size(), now);
            await(endpoint, now);
        }
        return others;
    }

    void called(long now) {
        waitsUntil = now;
    }

    /** Whether one more message of this destination may follow on this connection. */
    boolean mayCarryOn(SmtpConnection connection) {
        boolean turnIsOver = connection.carried() % TURN == 0
                && shared.isAwaited(connection.endpoint().address());
        return carriesMore(connection) && !turnIsOver;
    }

    /** A message of a destination that waits for a connection like this one, or null. */
    @Nullable
    Transaction riderOfOthers(SmtpConnection connection) {
        return carriesMore(connection) ? shared.riderFor(connection) : null;
    }

    /** Whether a message of this destination may follow another's on this connection. */
    boolean mayBoard(SmtpConnection connection, long now) {
        return carriesMore(connection) && !inUse.contains(connection) && window.mayConnect(inUse.size(), now);
    }

    private boolean carriesMore(SmtpConnection connection) {
        return connection.carried() < limit.messagesPerConnection();
    }

    /** It is in use for this destination too, while the other's last message there is answered. */
    void boarded(SmtpConnection connection) {
        inUse.add(connection);
        waitsUntil = System.nanoTime();
    }

    /** It is another destination's now, or gone. */
    void left(SmtpConnection connection) {
        inUse.remove(connection);
    }

    /** It is anybody's now; those who wait for it come first. */
    void idle(SmtpConnection connection, boolean closing) {
        if (!connection.isIdle() || !inUse.remove(connection)) {
            return;
        }
        if (closing || !carriesMore(connection)) {
            connection.quit();
        } else {
            shared.idle(connection, System.nanoTime() + limit.idle().toNanos());
        }
    }

    void closed(SmtpConnection connection) {
        inUse.remove(connection);
        shared.closed(connection);
    }
}
