package org.postroad.deploy.command;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.PolicyBook.Entry;
import org.postroad.deploy.operator.PolicyBook.State;
import org.postroad.schemas.policy.StandingPolicy;

/** Policies as they are printed. Whoever may write to the topic may have written anything: of that no terminal is told to do anything. */
final class PolicyLines {
    private PolicyLines() {}

    /** One line: what has become of it, what it says, until when, who decided it when and why. */
    static String line(Entry entry) {
        String remark = entry.remark().isEmpty() ? "" : "  (" + entry.remark() + ")";
        return plain(String.format("%-10s  %s", entry.state().words(), what(entry)) + remark);
    }

    /** The same without what has become of it. */
    static String what(Entry entry) {
        StandingPolicy policy = entry.policy();
        Map<String, String> settings =
                new TreeMap<>(policy == null ? entry.record().getSettings() : policy.settings());
        String end = end(policy);
        String reason = entry.record().getReason();
        return plain(entry.key()
                + settings.entrySet().stream()
                        .map(setting -> " " + setting.getKey() + "=" + setting.getValue())
                        .collect(Collectors.joining())
                + (end == null ? "" : "  until " + end)
                + "  by " + entry.record().getBy() + " at " + at(entry)
                + (reason.isEmpty() ? "" : ": " + reason));
    }

    /** The same for programs. */
    static Map<String, @Nullable Object> fields(Entry entry) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        StandingPolicy policy = entry.policy();
        fields.put("key", entry.key());
        fields.put("state", entry.state().words());
        fields.put("settings", policy == null ? entry.record().getSettings() : policy.settings());
        fields.put("until", end(policy));
        fields.put("by", entry.record().getBy());
        fields.put("at", at(entry));
        fields.put("reason", entry.record().getReason());
        fields.put("remark", entry.remark());
        return fields;
    }

    /** Null for what stays, and for what somebody took back. */
    static @Nullable String end(@Nullable StandingPolicy policy) {
        if (policy == null || policy.untilMillis() == Long.MAX_VALUE || policy.isTakenBack()) {
            return null;
        }
        return Instant.ofEpochMilli(policy.untilMillis()).toString();
    }

    /** Whether it would stand if it were read now. */
    static boolean stands(@Nullable Entry entry) {
        return entry != null && (entry.state() == State.IN_FORCE || entry.state() == State.IGNORED);
    }

    private static String at(Entry entry) {
        return Instant.ofEpochMilli(entry.record().getAt()).toString();
    }

    /** Without what a terminal would obey. */
    static String plain(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}\\u2028\\u2029]", "?");
    }
}
