package org.postroad.deploy.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What moves and what waits at one moment.
 *
 * @param atNanos when it was asked for, by the clock of rates
 * @param ledger what the events add up to, as an observer says it
 * @param queue the fullest destinations, as an observer says them
 */
record TopScreen(long atNanos, JsonNode ledger, JsonNode queue) {
    private static final List<String> MOVING = List.of("accepted", "delivered", "failed");
    private static final int REPLY = 60;

    /** The lines of it, with what has moved a second since the one before, where there is one. */
    List<String> lines(@Nullable TopScreen before) {
        List<String> lines = new ArrayList<>();
        StringBuilder moving = new StringBuilder(queue.path("at").asText());
        for (String name : MOVING) {
            moving.append("   ").append(name).append(' ').append(number(ledger, name));
            if (before != null) {
                moving.append(String.format(Locale.ROOT, " (%.1f/s)", rate(name, before)));
            }
        }
        lines.add(moving.toString());
        lines.add(String.format(
                Locale.ROOT,
                "in flight %d   waiting %d   held %d   overdue %d",
                number(ledger, "inFlight") - number(ledger, "waiting"),
                number(ledger, "waiting"),
                number(ledger, "held"),
                number(ledger, "overdue")));
        lines.add("");
        lines.add(row("under way", "in flight", "waiting", "held", "done/min", "destination", "last reply"));
        queue.path("destinations")
                .forEach(each -> lines.add(row(
                        each.path("recipients").asText(),
                        each.path("inFlight").asText(),
                        each.path("waiting").asText(),
                        each.path("held").asText(),
                        each.path("deliveredLastMinute").asText(),
                        each.path("destination").asText(),
                        cut(each.path("lastReply").asText()))));
        int more = queue.path("destinationCount").asInt()
                - queue.path("destinations").size();
        if (more > 0) {
            lines.add("and " + more + " more destinations");
        }
        return lines;
    }

    private double rate(String name, TopScreen before) {
        return Math.max(0, number(ledger, name) - number(before.ledger, name)) * 1e9 / (atNanos - before.atNanos);
    }

    private static long number(JsonNode node, String name) {
        return node.path(name).asLong();
    }

    private static String cut(String reply) {
        return reply.length() > REPLY ? reply.substring(0, REPLY) : reply;
    }

    private static String row(String... cells) {
        return String.format(Locale.ROOT, "%9s %9s %9s %8s %9s  %-30s %s", (Object[]) cells)
                .stripTrailing();
    }
}
