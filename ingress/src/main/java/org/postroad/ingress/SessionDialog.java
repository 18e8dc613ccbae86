package org.postroad.ingress;

import java.util.ArrayDeque;
import java.util.Queue;
import org.postroad.schemas.Reply;

/**
 * What one session has come to: who its client is, where it stands, how much of what it said led nowhere, and the moves it wants made.
 *
 * <p>Shared by those who hear the kinds of command, and confined to their event loop.
 */
final class SessionDialog {
    private final Queue<Move> moves = new ArrayDeque<>();
    private final Junk junk;
    private SessionState state = new SessionState.Fresh();
    private Admission client;

    SessionDialog(Admission client) {
        this.client = client;
        this.junk = new Junk(client.listener().limits().errors());
    }

    /** What is to be done, in this order; whoever does it takes it out. */
    Queue<Move> moves() {
        return moves;
    }

    SessionState state() {
        return state;
    }

    void to(SessionState next) {
        state = next;
    }

    boolean isOver() {
        return state instanceof SessionState.Over;
    }

    Admission client() {
        return client;
    }

    void becomes(Admission known) {
        client = known;
    }

    void say(Reply reply) {
        moves.add(new Move.Say(reply));
    }

    /** Answers an error of the client's. */
    void refuse(Reply reply) {
        sayUnlessJunk(reply, Junk.ERROR);
    }

    /** Answers what led nowhere, unless it was once too often. */
    void sayUnlessJunk(Reply reply, int junkWeight) {
        if (!isJunk(junkWeight)) {
            say(reply);
        }
    }

    /** Whether the client has said too much that led nowhere, which ends the session. */
    boolean isJunk(int weight) {
        boolean over = junk.add(weight);
        if (over) {
            end(Replies.TOO_MANY_ERRORS);
        }
        return over;
    }

    /** The client has handed over a message: it may have its errors anew. */
    void accepted() {
        junk.accepted();
    }

    /** Drops the transaction, if there is one. */
    void abandon() {
        state.release();
        if (state instanceof SessionState.InTransaction begun) {
            state = new SessionState.Greeted(begun.transaction().origin());
        }
    }

    /** Says the last word. */
    void end(Reply last) {
        state.release();
        state = new SessionState.Over();
        say(last);
        moves.add(Move.Step.CLOSE);
    }
}
