package org.postroad.deploy.command;

import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.Selector;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Durations;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Which mail is meant, said the same way everywhere. */
final class SelectorOptions {
    @Option(names = "--domain", description = "Recipients' domain.")
    private @Nullable String domain;

    @Option(names = "--destination", description = "What mail is queued by: a domain or a roll-up's name.")
    private @Nullable String destination;

    @Option(names = "--sender", description = "Reverse-path; <> for bounces.")
    private @Nullable String sender;

    @Option(names = "--user", description = "Who submitted it.")
    private @Nullable String user;

    @Option(names = "--queue-id", description = "One message.")
    private @Nullable String queueId;

    @Option(names = "--code", description = "The last reply's code or status; * for any number: 550, 4.7.*")
    private @Nullable String code;

    @Option(names = "--reply", paramLabel = "REGEX", description = "Found anywhere in the last reply.")
    private @Nullable String reply;

    @Option(names = "--since", paramLabel = "TIME", description = "2026-01-31T12:00:00Z, or how long ago: 2h.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "The same; not included.")
    private @Nullable String until;

    @Option(names = "--all", description = "All of it.")
    private boolean all;

    /** At least one condition is needed, so that a forgotten one never means everything. */
    Selector selector(CommandLine line, Clock clock) {
        boolean any = Stream.of(domain, destination, sender, user, queueId, code, reply, since, until)
                .anyMatch(Objects::nonNull);
        if (any == all) {
            throw new CommandLine.ParameterException(
                    line, all ? "--all and a condition exclude each other" : "say which mail, or --all");
        }
        if (code != null && !code.matches("[0-9*]{1,3}(\\.[0-9*]{1,3}){0,2}")) {
            throw new CommandLine.ParameterException(line, "--code " + code + " is not like 550, 5.1.1 or 4.7.*");
        }
        return new Selector(
                domain == null ? null : Domain.canonical(domain),
                destination,
                "<>".equals(sender) ? "" : sender,
                user,
                queueId,
                code,
                pattern(line),
                instant(line, "--since", since, clock),
                instant(line, "--until", until, clock));
    }

    private @Nullable Pattern pattern(CommandLine line) {
        try {
            return reply == null ? null : Pattern.compile(reply);
        } catch (PatternSyntaxException e) {
            throw new CommandLine.ParameterException(
                    line, "--reply " + reply + " is not a regular expression: " + e.getDescription(), e);
        }
    }

    private static @Nullable Long instant(CommandLine line, String name, @Nullable String text, Clock clock) {
        if (text == null) {
            return null;
        }
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException notAnInstant) {
            try {
                return clock.millis() - Durations.parse(text).toMillis();
            } catch (IllegalArgumentException e) {
                throw new CommandLine.ParameterException(
                        line, name + " " + text + " is neither an instant such as 2026-01-31T12:00:00Z nor 2h", e);
            }
        }
    }
}
