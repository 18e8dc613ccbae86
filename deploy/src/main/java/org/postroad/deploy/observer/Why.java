package org.postroad.deploy.observer;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.postroad.deploy.operator.StoredEvent;

/** Why a message has not arrived yet, or how it ended, in one sentence for all recipients of whom the same is true. */
public final class Why {
    private static final int SHOWN_RECIPIENTS = 3;

    private Why() {}

    /**
     * The sentence; several with a line each where recipients fared differently.
     *
     * @param events of the message in the order in which they were written, since clocks of nodes differ; those of others are passed over
     */
    public static String of(List<StoredEvent> events, String queueId, long nowMillis) {
        Map<String, StoredEvent> last = new LinkedHashMap<>();
        Map<String, StoredEvent> lastReply = new LinkedHashMap<>();
        for (StoredEvent event : events) {
            if (event.queueId().equals(queueId)) {
                for (String recipient : event.recipients()) {
                    take(event, recipient, last, lastReply);
                }
            }
        }
        if (last.isEmpty()) {
            return "nothing is known of " + queueId + ": never accepted here, or longer ago than events are kept";
        }
        Map<String, List<String>> sentences = new LinkedHashMap<>();
        last.forEach((recipient, event) -> sentences
                .computeIfAbsent(
                        sentence(event, lastReply.getOrDefault(recipient, event), nowMillis), one -> new ArrayList<>())
                .add(recipient));
        List<String> lines = new ArrayList<>();
        sentences.forEach((sentence, recipients) -> lines.add(names(recipients) + " " + sentence));
        return String.join("\n", lines);
    }

    /** Mail that was replayed is a generation of its own, and what became of the one before is past. */
    private static void take(
            StoredEvent event, String recipient, Map<String, StoredEvent> last, Map<String, StoredEvent> lastReply) {
        StoredEvent before = last.getOrDefault(recipient, event);
        if (event.generation() < before.generation()) {
            return;
        }
        if (event.generation() > before.generation()) {
            lastReply.remove(recipient);
        }
        last.put(recipient, event);
        if (!event.text("code").isEmpty()) {
            lastReply.put(recipient, event);
        }
    }

    private static String sentence(StoredEvent event, StoredEvent replied, long nowMillis) {
        String at = clock(event.at());
        return switch (event.kind()) {
            case "accepted", "generated", "replayed" ->
                event.kind() + " at " + at + " and with the router or a deliverer for " + since(event.at(), nowMillis)
                        + ": no attempt has ended yet.";
            case "deferred" -> waits(event, "was not taken at " + at + attempts(event) + because(replied), nowMillis);
            case "overflowed" ->
                waits(
                        event,
                        "waits untried since " + at + ": " + event.text("reason")
                                + (replied.equals(event) ? "" : "; last" + because(replied)),
                        nowMillis);
            case "held" ->
                "is held since " + at + reason(event) + (replied.equals(event) ? "" : "; last" + because(replied))
                        + ", until an operator releases it.";
            case "released" ->
                "was released at " + at + reason(event) + " and is on its way for " + since(event.at(), nowMillis)
                        + ": no attempt has ended yet.";
            case "delivered" -> "has it: delivered at " + at + said(", ", replied) + ".";
            case "failed" ->
                "will not get it: given up at " + at + attempts(event) + because(replied)
                        + (event.text("sender").isEmpty()
                                ? "; it had no sender to be told"
                                : "; the sender was told unless it asked not to be")
                        + ", and 'postroad replay' sends it again.";
            case "dropped" -> "will not get it: dropped at " + at + reason(event) + ".";
            case "rejected" ->
                "will not get it: its record could not be handled at " + at + reason(event)
                        + "; it lies on the topic rejects.";
            default -> event.kind() + " at " + at + reason(event) + ".";
        };
    }

    private static String waits(StoredEvent event, String what, long nowMillis) {
        String due = event.text("dueAt");
        if (due.isEmpty()) {
            return what + "; it is on its way again.";
        }
        return millis(due) > nowMillis
                ? what + "; it is tried next at " + clock(due) + ", in " + text(millis(due) - nowMillis) + "."
                : what + "; it is due again since " + clock(due) + " and on its way for " + since(due, nowMillis) + ".";
    }

    private static String attempts(StoredEvent event) {
        String attempts = event.text("attempt");
        return attempts.isEmpty() ? "" : attempts.equals("1") ? " (1st attempt)" : " (attempt " + attempts + ")";
    }

    private static String because(StoredEvent replied) {
        return said(", because ", replied);
    }

    private static String said(String before, StoredEvent replied) {
        if (replied.text("code").isEmpty()) {
            return reason(replied);
        }
        String exchanger = replied.text("exchanger");
        return before + (exchanger.isEmpty() ? "" : exchanger + " said ") + replied.text("code") + " "
                + replied.text("status") + " " + replied.text("reply");
    }

    private static String reason(StoredEvent event) {
        return event.text("reason").isEmpty() ? "" : ": " + event.text("reason");
    }

    private static String names(List<String> recipients) {
        return recipients.size() <= SHOWN_RECIPIENTS
                ? String.join(", ", recipients)
                : String.join(", ", recipients.subList(0, SHOWN_RECIPIENTS)) + " and "
                        + (recipients.size() - SHOWN_RECIPIENTS) + " more";
    }

    private static String since(String instant, long nowMillis) {
        return text(nowMillis - millis(instant));
    }

    private static long millis(String instant) {
        try {
            return Instant.parse(instant).toEpochMilli();
        } catch (DateTimeParseException notOurs) {
            return 0;
        }
    }

    private static String clock(String instant) {
        try {
            return Instant.parse(instant).truncatedTo(ChronoUnit.SECONDS).toString();
        } catch (DateTimeParseException notOurs) {
            return instant;
        }
    }

    /** "12 s", "4 min", "3 h 20 min", "2 d 3 h". */
    static String text(long millis) {
        Duration time = Duration.ofMillis(Math.max(0, millis));
        if (time.toMinutes() < 2) {
            return time.toSeconds() + " s";
        }
        if (time.toHours() < 2) {
            return time.toMinutes() + " min";
        }
        return time.toDays() < 2
                ? time.toHours() + " h " + time.toMinutesPart() + " min"
                : time.toDays() + " d " + time.toHoursPart() + " h";
    }
}
