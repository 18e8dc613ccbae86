package org.postroad.deploy.command;

import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Durations;
import org.postroad.schemas.policy.Selector;
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

    @Option(names = "--class", description = "What the last reply means, such as mailbox-full.")
    private @Nullable String replyClass;

    @Option(names = "--reply", paramLabel = "REGEX", description = "Found anywhere in the last reply.")
    private @Nullable String reply;

    @Option(names = "--since", paramLabel = "TIME", description = "2026-01-31T12:00:00Z, or how long ago: 2h.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "The same; not included.")
    private @Nullable String until;

    @Option(names = "--all", description = "All of it.")
    private boolean all;

    /** Whether any condition was given. */
    boolean isGiven() {
        return all
                || Stream.of(domain, destination, sender, user, queueId, code, replyClass, reply, since, until)
                        .anyMatch(Objects::nonNull);
    }

    /** As {@link Selector} wants it, with times that were said as how long ago by the clock. */
    Selector selector(CommandLine line, Clock clock) {
        Map<String, String> words = new HashMap<>();
        add(words, "domain", domain);
        add(words, "destination", destination);
        add(words, "sender", sender);
        add(words, "user", user);
        add(words, "queue-id", queueId);
        add(words, "code", code);
        add(words, "class", replyClass);
        add(words, "reply", reply);
        add(words, "since", instant(line, "--since", since, clock));
        add(words, "until", instant(line, "--until", until, clock));
        add(words, "all", all ? "true" : null);
        try {
            return Selector.of(words);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(line, String.valueOf(e.getMessage()), e);
        }
    }

    /** What was given of it. */
    static void add(Map<String, String> words, String name, @Nullable String word) {
        if (word != null) {
            words.put(name, word);
        }
    }

    /** An instant in ISO form of one, or of how long ago; null of null. */
    static @Nullable String instant(CommandLine line, String name, @Nullable String text, Clock clock) {
        if (text == null) {
            return null;
        }
        try {
            return Instant.parse(text).toString();
        } catch (DateTimeParseException notAnInstant) {
            try {
                return clock.instant().minus(Durations.parse(text)).toString();
            } catch (IllegalArgumentException e) {
                throw new CommandLine.ParameterException(
                        line, name + " " + text + " is neither an instant such as 2026-01-31T12:00:00Z nor 2h", e);
            }
        }
    }
}
