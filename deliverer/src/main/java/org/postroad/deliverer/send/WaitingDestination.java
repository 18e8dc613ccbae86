package org.postroad.deliverer.send;

import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;

/** A destination as it is seen by what it waits for: the lease, and connections that others have. */
interface WaitingDestination {
    String name();

    /** Messages that wait. */
    int waiting();

    /** A connection that it waited for is free, or there is room for a new one; false when it needs none any more. */
    boolean call();

    /** Its next message in the flight of another destination's dot, with which the connection becomes its own; null for none. */
    @Nullable
    Transaction board(SmtpConnection connection);

    /** Time has passed: what it waited for may have come. */
    void tick(long now);
}
