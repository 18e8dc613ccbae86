package org.postroad.deploy.observer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.postroad.schemas.Caps;
import org.postroad.schemas.policy.Job;

/**
 * One recipient of one generation of a message, as long as its mail is under way.
 *
 * @param destination what its mail is queued by, as far as the events say; until the first outcome its domain, where nothing was learned of
 *     that
 * @param user who submitted it; empty for nobody
 * @param bornMillis when it came into being
 * @param atMillis when the last event told of it
 * @param dueMillis when it is tried next; 0 for at once, or when it is released
 * @param attempt real attempts so far
 * @param code of the last reply; 0 for none
 * @param reply its text, or our words where there is none
 */
record LiveRecipient(
        State state,
        String destination,
        String sender,
        String user,
        long bornMillis,
        long atMillis,
        long dueMillis,
        int attempt,
        int code,
        String status,
        String reply) {

    /** What becomes of it next. */
    enum State {
        /** The router or a deliverer has it. */
        IN_FLIGHT(0),
        /** It was tried, and waits. */
        DEFERRED(1),
        /** It waits untried, because others were before it. */
        UNTRIED(2),
        HELD(3);

        /** As the index has it. */
        private final int number;

        State(int number) {
            this.number = number;
        }
    }

    private static final State[] STATES = State.values();

    static LiveRecipient born(ReadEvent event, String destination) {
        return new LiveRecipient(
                State.IN_FLIGHT,
                destination,
                event.sender,
                event.user,
                event.atMillis,
                event.atMillis,
                0,
                0,
                0,
                "",
                event.reason);
    }

    /** What it is after an event that leaves it under way. */
    LiveRecipient after(ReadEvent event) {
        State next =
                switch (event.kind == null ? org.postroad.schemas.Event.Kind.RELEASED : event.kind) {
                    case DEFERRED -> State.DEFERRED;
                    case OVERFLOWED -> State.UNTRIED;
                    case HELD -> State.HELD;
                    default -> State.IN_FLIGHT;
                };
        if (event.isOfAJob && event.reason.startsWith(Job.Action.REPLAY.word())) {
            return anew(event);
        }
        boolean replied = event.code > 0;
        boolean said = replied || !event.reason.isEmpty() && code == 0;
        return new LiveRecipient(
                next,
                event.destination.isEmpty() ? destination : event.destination,
                sender,
                user,
                bornMillis,
                event.atMillis,
                event.dueMillis,
                Math.max(attempt, event.attempt),
                replied ? event.code : code,
                replied ? event.status : status,
                said ? Caps.cut(replied ? event.reply : event.reason, Caps.REPLY_TEXT_OCTETS) : reply);
    }

    /** What a job replays is as if it had just come; when it came is told of it still. */
    private LiveRecipient anew(ReadEvent event) {
        String to = event.destination.isEmpty() ? destination : event.destination;
        return new LiveRecipient(
                State.IN_FLIGHT, to, sender, user, bornMillis, event.atMillis, 0, 0, 0, "", event.reason);
    }

    /** Whether it waits in a retry topic for its time. */
    boolean isWaiting(long nowMillis) {
        return (state == State.DEFERRED || state == State.UNTRIED) && dueMillis > nowMillis;
    }

    byte[] encode() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(160);
        try {
            DataOutputStream out = new DataOutputStream(octets);
            out.writeByte(state.number);
            out.writeUTF(destination);
            out.writeUTF(sender);
            out.writeUTF(user);
            out.writeLong(bornMillis);
            out.writeLong(atMillis);
            out.writeLong(dueMillis);
            out.writeInt(attempt);
            out.writeInt(code);
            out.writeUTF(status);
            out.writeUTF(reply);
            return octets.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static LiveRecipient decode(byte[] octets) {
        try {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets));
            return new LiveRecipient(
                    STATES[in.readByte()],
                    in.readUTF(),
                    in.readUTF(),
                    in.readUTF(),
                    in.readLong(),
                    in.readLong(),
                    in.readLong(),
                    in.readInt(),
                    in.readInt(),
                    in.readUTF(),
                    in.readUTF());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
