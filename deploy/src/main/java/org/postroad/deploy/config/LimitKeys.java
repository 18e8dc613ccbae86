package org.postroad.deploy.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.postroad.deploy.settings.Default;
import org.postroad.deploy.settings.Section;
import org.postroad.deploy.settings.ValueForm;
import org.postroad.ingress.IngressConfig.Listener;
import org.postroad.ingress.ListenerLimits;
import org.postroad.schemas.Caps;

/**
 * What the clients of a listener may have.
 *
 * @param listener its name, or {@code *} for all
 */
record LimitKeys(String listener, ListenerLimits limits) {
    private static final String ALL = "*";

    private static final ListenerLimits USUAL = ListenerLimits.USUAL;
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final ValueForm<Duration> PATIENCE =
            Forms.DURATION.where(d -> !d.isZero() && d.compareTo(LONGEST) <= 0, "above 0 and at most 1h");

    /** The listeners within their limits: those of the first row that is for them. */
    static List<Listener> within(List<LimitKeys> rows, List<Listener> listeners) {
        return listeners.stream()
                .map(listener -> listener.within(rows.stream()
                        .filter(row -> row.isFor(listener.name()))
                        .findFirst()
                        .map(LimitKeys::limits)
                        .orElse(USUAL)))
                .toList();
    }

    private boolean isFor(String name) {
        return listener.equals(ALL) || listener.equals(name);
    }

    /** @param listeners the names of all */
    static LimitKeys read(Section row, List<String> listeners) {
        ValueForm<String> known = ValueForm.text(
                "the name of a listener, or `\"*\"` for all",
                text -> text.equals(ALL) || listeners.contains(text),
                "the name of a listener, or *");
        String listener = row.key("listener", known, Default.none("\"*\""), "for clients of which listener");
        int sessions = count(row, "sessions", "none", "open at once with this listener of a node");
        int perNetwork = count(
                row,
                "sessions-per-network",
                "a tenth of all",
                "of clients that may not relay: open at once with a node, in one IPv4 /24 or IPv6 /48");
        int perUser = row.key(
                "sessions-per-user",
                Forms.count(1),
                Integer.toString(USUAL.sessionsPerUser()),
                "of one user who has logged in: open at once with a node; by SMTP");
        int messages =
                count(row, "messages-per-session", "none", "MAIL commands in one session, said in LIMITS; by SMTP");
        int recipients = row.key(
                "recipients",
                Forms.count(1).where(count -> count <= Caps.RECIPIENTS, "at most " + Caps.RECIPIENTS),
                Integer.toString(USUAL.recipients()),
                "of one message; said in LIMITS");
        int errors = row.key(
                "errors",
                Forms.count(1).where(count -> count <= 1_000, "at most 1000"),
                Integer.toString(USUAL.errors()),
                "since the last accepted message, a failed login for five; or five times as many commands that do nothing; by SMTP");
        Duration commandTime = row.key("command-time", PATIENCE, "5m", "for the next command to come, whole; by SMTP");
        Duration dataTime = row.key("data-time", PATIENCE, "5m", "without an octet of content; by SMTP");
        long leastRate = row.key(
                "least-rate", Forms.octets(0, 1024 * 1024), USUAL.leastRate() + "B", "of content, a second; by SMTP");
        Optional<Long> messageSize = row.key(
                "message-size",
                Forms.octets(1, Caps.MESSAGE_OCTETS).optional(),
                Default.derived(() -> "", "`ingress.max-message-size`", "10MiB"),
                "of one message's content; said in SIZE");
        long commandLine = row.key(
                "command-line",
                Forms.octets(1024, 64 * 1024),
                "2KiB",
                "of one command with its CRLF, outside of AUTH; by SMTP");
        return new LimitKeys(
                listener,
                new ListenerLimits(
                        sessions == 0 ? ListenerLimits.NONE : sessions,
                        perNetwork,
                        perUser,
                        messages == 0 ? ListenerLimits.NONE : messages,
                        recipients,
                        errors,
                        commandTime,
                        dataTime,
                        leastRate,
                        messageSize.orElse(0L),
                        (int) commandLine));
    }

    /** A number of which there is none by default; 0 then. */
    private static int count(Section row, String name, String otherwise, String words) {
        return row.key(name, Forms.count(1).optional(), Default.derived(() -> "", otherwise, "100"), words)
                .orElse(0);
    }
}
