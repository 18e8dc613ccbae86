package org.postroad.deliverer.smtp;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * How far the dialog on a connection has come.
 *
 * <pre>
 * Opening --> Idle --> [Resetting -->] Asking --> Content --> DotDue --> Dot --> Idle
 *                                        ^                                |
 *                                        '-------- what rode with it -----'
 * </pre>
 *
 * <p>A transaction may end while it is Asking, too; and whatever the state, the next may be Over.
 */
sealed interface DialogState {

    /** The transaction whose replies come next, or null. */
    default @Nullable Transaction current() {
        return null;
    }

    /** The one whose commands went in the flight of its dot, or null. */
    default @Nullable Transaction following() {
        return null;
    }

    /** Banner, EHLO, TLS: {@link Greeting} knows more. */
    record Opening() implements DialogState {}

    /**
     * Nobody's mail is on it.
     *
     * @param resetNeeded RSET has to come before the next MAIL
     */
    record Idle(boolean resetNeeded) implements DialogState {}

    /** RSET was sent, alone or with the commands that follow it. */
    record Resetting(Transaction current) implements DialogState {}

    /** MAIL, RCPT and DATA are being answered. */
    record Asking(Transaction current) implements DialogState {}

    /** Its content is being sent. */
    record Content(Transaction current) implements DialogState {}

    /**
     * Its content is out, and the permission for its dot is awaited.
     *
     * @param flight the end of the content, with which the dot may leave; null once it was sent without
     */
    record DotDue(Transaction current, @Nullable ByteBuf flight) implements DialogState {}

    /** Its dot was sent, the empty message's for nobody too, and with it perhaps the commands of another. */
    record Dot(Transaction current, @Nullable Transaction following) implements DialogState {}

    /**
     * It has ended.
     *
     * @param wasOpen it got past EHLO
     */
    record Over(boolean wasOpen) implements DialogState {}
}
