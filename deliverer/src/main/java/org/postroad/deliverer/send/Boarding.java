package org.postroad.deliverer.send;

import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.address.AddressPlan;
import org.postroad.deliverer.smtp.SmtpConnection;

/** Which of a destination's queues sends the next message on a connection, in the flight of a dot; confined to its loop. */
final class Boarding {
    private final RouteQueues queues;
    private final Fleet fleet;

    Boarding(RouteQueues queues, Fleet fleet) {
        this.queues = queues;
        this.fleet = fleet;
    }

    /**
     * On a connection of its own: the queue whose message is on it, unless the turn of others has come; null for none.
     *
     * @param current the queue whose message is on it
     */
    @Nullable
    RouteQueue following(RouteQueue current, SmtpConnection connection, long now) {
        if (queues.size() == 0 || !fleet.mayCarryOn(connection)) {
            return null;
        }
        boolean turnIsOver = Fleet.isEndOfTurn(connection) && queues.isAwaitedBesides(current, now);
        if (!turnIsOver && current.mayRide(now) && planOfNext(current, connection, now) != null) {
            return current;
        }
        return queues.other(current, queue -> mayFollow(queue, connection, now));
    }

    /** On another destination's connection. */
    @Nullable
    RouteQueue boarding(SmtpConnection connection, long now) {
        return fleet.mayBoard(connection) ? queues.other(null, queue -> mayFollow(queue, connection, now)) : null;
    }

    private static boolean mayFollow(RouteQueue queue, SmtpConnection connection, long now) {
        return queue.hasRoom(now) && planOfNext(queue, connection, now) != null;
    }

    /** The addresses of what waits next, if this connection leads to one of them; nothing large rides. */
    static @Nullable AddressPlan planOfNext(RouteQueue queue, SmtpConnection connection, long now) {
        Attempt next = queue.backlog.peek(false);
        AddressPlan plan = next == null || !next.mayRide() ? null : queue.plan(now);
        return plan == null || !plan.prefers(connection.endpoint()) ? null : plan;
    }
}
