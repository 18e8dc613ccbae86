package org.postroad.deliverer.send;

import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.smtp.SmtpConnection;
import org.postroad.deliverer.smtp.Transaction;

/**
 * How far one delivery's stay at this node has come.
 *
 * <pre>
 *      .--------- another address ---------.
 *      v                                   |
 * Waiting --> Connected --> Sending -------'--> Judged --> Ended
 * </pre>
 *
 * <p>From each it may end at once, given back or deferred.
 */
sealed interface AttemptState {

    /** The connection it has, open or opening, or null. */
    default @Nullable SmtpConnection connection() {
        return null;
    }

    /** No connection is its own: it is in its queue, or looks for the next address. */
    record Waiting() implements AttemptState {}

    /** Nothing was sent yet on its connection. */
    record Connected(SmtpConnection connection) implements AttemptState {}

    /**
     * Its transaction is under way.
     *
     * @param recipients those that the transaction is for, by their place in the envelope */
    record Sending(SmtpConnection connection, Transaction transaction, int[] recipients) implements AttemptState {}

    /** Each recipient has its outcome; what a bounce has to show is read. */
    record Judged() implements AttemptState {}

    /** Its outcomes were handed over, or it was given back. */
    record Ended() implements AttemptState {}
}
