package org.postroad.deploy.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.observer.EventSearch;
import org.postroad.deploy.operator.StoredEvent;
import org.postroad.deploy.operator.Story;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.QueueIds;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The story of one message, or of those that a Message-ID or a recipient names. */
@Command(
        name = "trace",
        mixinStandardHelpOptions = true,
        description = {
            "Tells what happened to one message, its bounce and its replays, and where the rest of it is.",
            "By Message-ID or recipient it tells of the youngest messages, a hundred at most, the youngest first.",
            "An observer answers at once; without one, the topics are read."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad trace 01KAN8Y6Q3WZ5T0V9X2B4C6D8E")
final class TraceCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(
            paramLabel = "QUEUE-ID",
            arity = "0..1",
            description = "As in the 250, the Received: line, the log and the events.")
    private @Nullable String queueId;

    @Option(names = "--message-id", paramLabel = "M", description = "As in the header field, with its < > or without.")
    private @Nullable String messageId;

    @Option(names = "--recipient", paramLabel = "R", description = "An address; capitals or not.")
    private @Nullable String recipient;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "With a Message-ID or recipient: 2026-01-31T12:00:00Z, or how long ago: 2h.")
    private @Nullable String since;

    @Option(names = "--json", description = "Prints the events as an array.")
    private boolean json;

    /** What is told of one message. */
    private record Told(String queueId, Story story) {}

    @Override
    public Integer call() {
        CommandSpec its = Objects.requireNonNull(spec);
        long named = Stream.of(queueId, messageId, recipient)
                .filter(Objects::nonNull)
                .count();
        if (named != 1 || (since != null && queueId != null)) {
            throw new CommandLine.ParameterException(
                    its.commandLine(),
                    "say QUEUE-ID, or --message-id, or --recipient, the last two with --since or without");
        }
        Printer printer = Printer.of(its);
        List<Told> all =
                queueId == null ? search(its, printer) : List.of(one(queueId(its, queueId), config.load(), printer));
        if (json) {
            printer.line(Printer.jsonText(all.stream()
                    .flatMap(told -> told.story().events().stream())
                    .map(StoredEvent::json)
                    .toList()));
        } else if (all.isEmpty()) {
            printer.line("nothing is known of it: never accepted here, or longer ago than events are kept");
        } else {
            print(all, printer);
        }
        return all.stream().allMatch(told -> told.story().isEmpty()) ? ExitCode.FINDING : ExitCode.DONE;
    }

    /** A queue id as the topics have it. */
    static String queueId(CommandSpec its, String text) {
        String wanted = Ascii.upper(text);
        if (!QueueIds.isQueueId(wanted)) {
            throw new CommandLine.ParameterException(
                    its.commandLine(), text + " is no queue id: 26 digits and capital letters");
        }
        return wanted;
    }

    private Told one(String wanted, Configuration configuration, Printer printer) {
        JsonNode answer = new ObserverClient(configuration, printer).message(wanted);
        return answer == null
                ? new Told(
                        wanted,
                        config.onCluster(KafkaUser.TRACE, cluster -> Story.of(wanted, cluster, new KnownSchemas())))
                : told(answer);
    }

    private List<Told> search(CommandSpec its, Printer printer) {
        String from = SelectorOptions.instant(its.commandLine(), "--since", since, Clock.systemUTC());
        Map<String, String> parameters = new HashMap<>();
        parameters.put(
                messageId == null ? "recipient" : "message-id",
                String.valueOf(messageId == null ? recipient : messageId));
        if (from != null) {
            parameters.put("since", from);
        }
        JsonNode answer =
                new ObserverClient(config.load(), printer).ask(ObserverClient.path("/v1/messages", parameters));
        List<Told> all = new ArrayList<>();
        if (answer != null) {
            answer.path("messages").forEach(message -> all.add(told(message)));
            return all;
        }
        EventSearch search = new EventSearch(messageId, recipient, from);
        config.onCluster(KafkaUser.TRACE, search::in)
                .forEach((id, events) -> all.add(new Told(id, new Story(events, List.of()))));
        return all;
    }

    private static Told told(JsonNode message) {
        List<StoredEvent> events = new ArrayList<>();
        message.path("events").forEach(event -> events.add(new StoredEvent(event)));
        List<String> waiting = new ArrayList<>();
        message.path("underWay")
                .forEach(one -> waiting.add(place(one, message.path("queueId").asText())));
        return new Told(message.path("queueId").asText(), new Story(events, waiting));
    }

    private static String place(JsonNode one, String queueId) {
        String its = one.path("queueId").asText();
        return (its.equals(queueId) ? "" : "bounce " + its + " ") + place(one) + ": "
                + one.path("recipient").asText();
    }

    private static String place(JsonNode one) {
        return switch (one.path("state").asText()) {
            case "held" -> "held until released";
            case "deferred", "untried" -> "waiting until " + one.path("dueAt").asText();
            default -> "on its way through router or deliverer";
        };
    }

    private static void print(List<Told> all, Printer printer) {
        for (Told told : all) {
            if (all.size() > 1) {
                printer.line(told.queueId());
            }
            lines(told.story(), told.queueId()).forEach(printer::line);
        }
    }

    private static List<String> lines(Story story, String queueId) {
        return story.isEmpty()
                ? List.of(
                        "nothing is known of " + queueId + ": never accepted here, or longer ago than events are kept")
                : StoryLines.of(story, queueId);
    }
}
