package org.postroad.deploy.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A queue as people read it. */
final class QueueLines {
    private static final String ROW = "%9s %9s %9s %8s  %-20s  %-20s  %s";

    private QueueLines() {}

    static List<String> of(JsonNode answer) {
        List<String> lines = new ArrayList<>();
        if (answer.has("destinations")) {
            destinations(answer, lines);
        } else if (answer.has("destination")) {
            destination(answer, lines);
        }
        answer.path("list").forEach(one -> lines.add(recipient(one)));
        if (answer.path("more").asBoolean()) {
            lines.add("and more: --limit shows more");
        } else if (answer.has("list") && answer.path("list").isEmpty() && !answer.has("destination")) {
            lines.add("nobody is meant");
        }
        return lines;
    }

    private static void destinations(JsonNode answer, List<String> lines) {
        JsonNode rows = answer.path("destinations");
        if (rows.isEmpty()) {
            lines.add("empty");
            return;
        }
        lines.add(format(ROW, "under way", "in flight", "waiting", "held", "oldest", "next", "destination"));
        rows.forEach(row -> lines.add(format(
                ROW,
                row.path("recipients").asText(),
                row.path("inFlight").asText(),
                row.path("waiting").asText(),
                row.path("held").asText(),
                seconds(row.path("oldestAt").asText("-")),
                seconds(row.path("nextAt").asText("-")),
                row.path("destination").asText())));
        int more = answer.path("destinationCount").asInt() - rows.size();
        if (more > 0) {
            lines.add("and " + more + " more destinations: --limit shows more");
        }
        lines.add(answer.path("recipients").asText() + " recipients to "
                + answer.path("destinationCount").asText() + " destinations");
    }

    private static void destination(JsonNode row, List<String> lines) {
        lines.add(
                row.path("destination").asText() + ": " + row.path("recipients").asText() + " under way, "
                        + row.path("inFlight").asText() + " in flight, "
                        + row.path("waiting").asText() + " waiting ("
                        + row.path("untried").asText() + " of all untried), "
                        + row.path("held").asText() + " held");
        if (row.path("waiting").asInt() > 0) {
            StringBuilder due = new StringBuilder("due within");
            row.path("dueWithin").properties().forEach(each -> due.append("  ")
                    .append(each.getKey())
                    .append(' ')
                    .append(each.getValue().asText()));
            lines.add(due.toString());
        }
        if (row.has("oldestAt")) {
            lines.add("oldest since " + seconds(row.path("oldestAt").asText())
                    + (row.has("nextAt")
                            ? ", next tried at " + seconds(row.path("nextAt").asText())
                            : "")
                    + ", delivered in the last minute: "
                    + row.path("deliveredLastMinute").asText());
        }
        if (row.has("lastReply")) {
            lines.add("last reply " + seconds(row.path("lastReplyAt").asText()) + ": "
                    + row.path("lastReply").asText());
        }
    }

    private static String recipient(JsonNode one) {
        String due = one.path("dueAt").asText("");
        boolean waits = one.path("state").asText().matches("deferred|untried");
        return one.path("queueId").asText() + "  " + seconds(one.path("since").asText()) + "  "
                + sender(one.path("sender").asText()) + " -> "
                + one.path("recipient").asText() + "  "
                + one.path("state").asText() + (waits ? " until " + seconds(due) : "")
                + attempts(one.path("attempts").asInt())
                + (one.has("code")
                        ? ": " + one.path("code").asText() + " "
                                + one.path("status").asText()
                        : "")
                + (one.has("reply")
                        ? (one.has("code") ? " " : ": ") + one.path("reply").asText()
                        : "");
    }

    private static String sender(String reversePath) {
        return reversePath.isEmpty() ? "<>" : reversePath;
    }

    private static String attempts(int attempts) {
        return attempts == 0 ? "" : attempts == 1 ? ", 1 attempt" : ", " + attempts + " attempts";
    }

    /** An instant without its fraction of a second. */
    private static String seconds(String instant) {
        return instant.replaceAll("\\.[0-9]+Z$", "Z");
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
