package org.postroad.deploy.observer;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.Topics;

/** A destination, or a recipient, as an object of JSON. */
final class QueueRow {
    private static final Duration[] BOUNDS = {
        Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(15), Duration.ofHours(1), Duration.ofHours(4)
    };

    private QueueRow() {}

    /**
     * A destination.
     *
     * @param oldestMillis when the oldest came; 0 where nobody is under way
     */
    static Map<String, Object> of(String destination, DestinationCount count, long oldestMillis, long nowMillis) {
        int again = count.dueBy(nowMillis);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("destination", destination);
        row.put("recipients", count.all());
        row.put("inFlight", count.inFlight + again);
        row.put("waiting", count.deferred + count.untried - again);
        row.put("untried", count.untried);
        row.put("held", count.held);
        row.put("dueWithin", dueWithin(count, nowMillis));
        if (oldestMillis > 0) {
            row.put("oldestAt", Answers.text(oldestMillis));
        }
        Long next = count.nextDueMillis(nowMillis);
        if (next != null) {
            row.put("nextAt", Answers.text(next));
        }
        row.put("deliveredLastMinute", count.deliveredLastMinute(nowMillis));
        if (count.lastReplyMillis > 0) {
            row.put("lastReply", count.lastReply);
            row.put("lastReplyAt", Answers.text(count.lastReplyMillis));
        }
        return row;
    }

    /** Who waits, by when it is due: each bound without those before it. */
    private static Map<String, Object> dueWithin(DestinationCount count, long nowMillis) {
        Map<String, Object> due = new LinkedHashMap<>();
        long after = nowMillis;
        for (Duration bound : BOUNDS) {
            long by = nowMillis + bound.toMillis();
            due.put(Topics.shortText(bound), count.dueBetween(after, by));
            after = by;
        }
        due.put("later", count.dueBetween(after, Long.MAX_VALUE));
        return due;
    }

    /** A recipient who is under way. */
    static Map<String, Object> of(Index.Found found, long nowMillis) {
        LiveRecipient state = found.state();
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("queueId", found.queueId());
        row.put("generation", found.generation());
        row.put("recipient", found.recipient());
        row.put("sender", state.sender());
        row.put("destination", state.destination());
        boolean again = (state.state() == LiveRecipient.State.DEFERRED || state.state() == LiveRecipient.State.UNTRIED)
                && !state.isWaiting(nowMillis);
        row.put("state", again ? "in-flight" : Ascii.lower(state.state().name()).replace('_', '-'));
        row.put("since", Answers.text(state.bornMillis()));
        row.put("at", Answers.text(state.atMillis()));
        if (state.dueMillis() > 0) {
            row.put("dueAt", Answers.text(state.dueMillis()));
        }
        row.put("attempts", state.attempt());
        if (state.code() > 0) {
            row.put("code", state.code());
            row.put("status", state.status());
        }
        if (!state.reply().isEmpty()) {
            row.put("reply", state.reply());
        }
        return row;
    }
}
