package org.postroad.deploy.command;

import java.util.ArrayList;
import java.util.List;
import org.postroad.deploy.operator.StoredEvent;
import org.postroad.deploy.operator.Story;

/** A story as people read it, one line for each event. */
final class StoryLines {
    private static final int SHOWN_RECIPIENTS = 5;

    private StoryLines() {}

    static List<String> of(Story story, String queueId) {
        List<String> lines = new ArrayList<>();
        for (StoredEvent event : story.events()) {
            lines.add(event.at() + "  " + (event.queueId().equals(queueId) ? "" : "bounce " + event.queueId() + " ")
                    + text(event));
        }
        story.waiting().forEach(place -> lines.add("now                       " + place));
        return lines;
    }

    /** One event of any message. */
    static String line(StoredEvent event) {
        return event.at() + "  " + event.queueId() + " " + text(event);
    }

    private static String text(StoredEvent event) {
        String recipients = recipients(event);
        return switch (event.kind()) {
            case "accepted" ->
                "accepted from " + sender(event) + " for " + recipients + with(" by ", event.text("client"))
                        + with(", octets: ", event.text("size"));
            case "generated" -> "generated for " + recipients;
            case "delivered" -> "delivered to " + recipients + by(event) + reply(event);
            case "deferred" ->
                "deferred " + recipients + with(" until ", event.text("dueAt")) + by(event) + reply(event);
            case "failed" -> "failed for ever " + recipients + by(event) + reply(event);
            case "replayed" ->
                "replayed for " + recipients + ", generation " + event.text("generation")
                        + with(", because ", event.text("reason"));
            case "in_doubt" -> "in doubt " + recipients + by(event) + reply(event);
            default -> event.kind() + " " + recipients + by(event) + reply(event) + with(": ", event.text("reason"));
        };
    }

    private static String sender(StoredEvent event) {
        return event.text("sender").isEmpty() ? "<>" : event.text("sender");
    }

    private static String by(StoredEvent event) {
        return with(" by ", event.text("exchanger"));
    }

    private static String reply(StoredEvent event) {
        if (event.text("code").isEmpty()) {
            return "";
        }
        return ": " + event.text("code") + " " + event.text("status") + " " + event.text("reply");
    }

    private static String with(String before, String text) {
        return text.isEmpty() ? "" : before + text;
    }

    private static String recipients(StoredEvent event) {
        List<String> all = event.recipients();
        return all.size() <= SHOWN_RECIPIENTS
                ? String.join(", ", all)
                : String.join(", ", all.subList(0, SHOWN_RECIPIENTS)) + " and " + (all.size() - SHOWN_RECIPIENTS)
                        + " more";
    }
}
