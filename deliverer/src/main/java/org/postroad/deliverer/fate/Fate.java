package org.postroad.deliverer.fate;

import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Event;
import org.postroad.schemas.LastReply;

/**
 * Where a recipient's mail goes after an outcome, with the words for its event; recipients of equal fates share one record and
 * one event.
 *
 * @param attempt real attempts so far, this one included; 0 when none was made
 * @param dueMillis when it is tried next; 0 for at once or never
 * @param reason why, in our words; null when the reply says it
 * @param reply without its instant, which may differ between recipients that heard the same
 */
public record Fate(
        Event.Kind event,
        Way way,
        int attempt,
        long dueMillis,
        @Nullable String reason,
        @Nullable LastReply reply,
        Mark mark) {

    /** The topic its mail goes to. */
    public enum Way {
        DONE,
        AGAIN,
        RETRY,
        HELD,
        BOUNCED,
        EXPIRED
    }

    /** What else the event says. */
    public enum Mark {
        NONE,
        TLS,
        IN_DOUBT,
        FAULT
    }

    static Fate tried(Event.Kind event, Way way, int attempt, LastReply reply, Mark mark) {
        return new Fate(event, way, attempt, 0, null, timeless(reply), mark);
    }

    public static Fate untried(Event.Kind event, Way way, String reason) {
        return new Fate(event, way, 0, 0, reason, null, Mark.NONE);
    }

    public Fate due(long millis) {
        return new Fate(event, way, attempt, millis, reason, reply, mark);
    }

    Fate because(String why) {
        return new Fate(event, way, attempt, dueMillis, why, reply, mark);
    }

    private static LastReply timeless(LastReply reply) {
        return new LastReply(reply.getCode(), reply.getStatus(), reply.getText(), reply.getExchanger(), 0L);
    }
}
