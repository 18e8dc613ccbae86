package org.postroad.deploy.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.postroad.deploy.operator.Ledger;
import org.postroad.deploy.operator.Terms;

/** A ledger as people read it. */
final class LedgerTable {
    private LedgerTable() {}

    static List<String> lines(Ledger.Balance balance) {
        Terms terms = balance.terms();
        List<String> lines = new ArrayList<>();
        row(lines, "accepted", terms.accepted(), "");
        row(lines, "+ generated", terms.generated(), "bounces");
        row(lines, "+ replayed", terms.replayed(), "");
        row(lines, "= delivered", terms.delivered(), "");
        row(lines, "+ failed", terms.failed(), "bounced or expired");
        row(lines, "+ dropped", terms.dropped(), "");
        row(lines, "+ held", terms.held(), "");
        row(
                lines,
                "+ rejected",
                terms.rejected(),
                balance.unreadable() == 0
                        ? ""
                        : "and %d records of which nobody knows the recipients".formatted(balance.unreadable()));
        row(
                lines,
                "+ in flight",
                terms.inFlight(),
                terms.inFlight() == 0
                        ? ""
                        : "%d to be routed, %d wait in the router, %d routed, %d in retry topics"
                                .formatted(terms.routing(), terms.parked(), terms.outbound(), terms.waiting()));
        if (balance.writtenOff() != 0) {
            row(lines, "+ known", balance.writtenOff(), "written off by an operator");
        }
        balance.newer()
                .forEach((kind, recipients) -> row(lines, "  " + kind, recipients, "which only newer nodes know"));
        lines.add(verdict(balance));
        return lines;
    }

    /** What an observer answers. */
    static List<String> lines(JsonNode answer) {
        List<String> lines = new ArrayList<>();
        row(lines, "accepted", answer.path("accepted").asLong(), "");
        row(lines, "+ generated", answer.path("generated").asLong(), "bounces");
        row(lines, "+ replayed", answer.path("replayed").asLong(), "");
        row(lines, "= delivered", answer.path("delivered").asLong(), "");
        row(lines, "+ failed", answer.path("failed").asLong(), "bounced or expired");
        row(lines, "+ dropped", answer.path("dropped").asLong(), "");
        row(lines, "+ held", answer.path("held").asLong(), "");
        row(lines, "+ rejected", answer.path("rejected").asLong(), "");
        row(
                lines,
                "+ in flight",
                answer.path("inFlight").asLong(),
                answer.path("waiting").asText() + " of them in retry topics");
        long missing = answer.path("missing").asLong();
        lines.add(
                missing == 0
                        ? "the events balance"
                        : "the events do NOT balance: " + Math.abs(missing) + (missing > 0 ? " missing" : " too many")
                                + (answer.path("gaps").asBoolean()
                                        ? ", as events were deleted before they were read"
                                        : ""));
        if (answer.path("overdue").asLong() > 0) {
            lines.add(answer.path("overdue").asText()
                    + " recipients were due an hour ago, and nothing was heard of them");
        }
        answer.path("pastLifetime")
                .forEach(one ->
                        lines.add("past its lifetime: " + one.path("queueId").asText() + " to "
                                + one.path("recipient").asText()));
        return lines;
    }

    private static String verdict(Ledger.Balance balance) {
        long missing = balance.missing();
        if (missing == 0) {
            return balance.gaps() ? "balanced, although events were deleted before they were counted" : "balanced";
        }
        String difference = missing > 0 ? missing + " missing" : -missing + " too many";
        if (balance.moving()) {
            return "moving: " + difference + " by cuts that were not whole or do not agree; look again";
        }
        return "NOT BALANCED: " + difference
                + (balance.unreadable() == 0 ? "" : "; the unreadable records on rejects may be theirs")
                + (balance.gaps() ? "; events were deleted before they were counted" : "")
                + (balance.newer().isEmpty() ? "" : "; events that only newer nodes know may be theirs");
    }

    private static void row(List<String> lines, String name, long number, String remark) {
        lines.add(String.format(Locale.ROOT, "%-12s %,14d  %s", name, number, remark)
                .stripTrailing());
    }
}
