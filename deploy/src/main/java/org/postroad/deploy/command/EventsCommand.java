package org.postroad.deploy.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.observer.EventFilter;
import org.postroad.deploy.observer.EventTail;
import org.postroad.deploy.operator.StoredEvent;
import org.postroad.schemas.KafkaUser;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Events as they were written, and as they come. */
@Command(
        name = "events",
        mixinStandardHelpOptions = true,
        description = {
            "Prints events that fit all conditions, one a line: those since a time, or with --follow those that come.",
            "Until interrupted, when it follows."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad events --follow --destination google --event deferred")
final class EventsCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(names = "--follow", description = "What comes from now on.")
    private boolean follow;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            defaultValue = "1h",
            description = "Without --follow: an instant, or how long ago (default: ${DEFAULT-VALUE}).")
    private String since = "1h";

    @Option(names = "--event", description = "The kind: accepted, delivered, deferred, failed, ...")
    private @Nullable String event;

    @Option(names = "--domain", description = "Of any recipient.")
    private @Nullable String domain;

    @Option(names = "--destination", description = "What mail is queued by: a domain or a roll-up's name.")
    private @Nullable String destination;

    @Option(names = "--sender", description = "Reverse-path; <> for bounces.")
    private @Nullable String sender;

    @Option(names = "--queue-id", description = "Of one message.")
    private @Nullable String queueId;

    @Option(names = "--class", description = "What the reply means, such as mailbox-full.")
    private @Nullable String replyClass;

    @Option(names = "--code", description = "The reply's code or status.")
    private @Nullable String code;

    @Option(names = "--json", description = "Prints each as it was written.")
    private boolean json;

    @Override
    public Integer call() {
        CommandSpec its = Objects.requireNonNull(spec);
        Printer printer = Printer.of(its);
        Map<String, String> words = words();
        EventFilter filter = EventFilter.of(words);
        if (!follow) {
            String from = Objects.requireNonNull(
                    SelectorOptions.instant(its.commandLine(), "--since", since, Clock.systemUTC()));
            config.onCluster(
                    KafkaUser.TRACE,
                    cluster -> EventTail.since(
                            cluster, Instant.parse(from).toEpochMilli(), filter, found -> print(found, printer)));
            return ExitCode.DONE;
        }
        Configuration configuration = config.load();
        ObserverClient observer = new ObserverClient(configuration, printer);
        observer.follow(ObserverClient.path("/v1/events", words), line -> print(line, printer));
        config.onCluster(KafkaUser.TRACE, cluster -> EventTail.follow(cluster, filter, found -> print(found, printer)));
        return ExitCode.DONE;
    }

    private Map<String, String> words() {
        Map<String, String> words = new HashMap<>();
        SelectorOptions.add(words, "event", event);
        SelectorOptions.add(words, "domain", domain);
        SelectorOptions.add(words, "destination", destination);
        SelectorOptions.add(words, "sender", sender);
        SelectorOptions.add(words, "queue-id", queueId);
        SelectorOptions.add(words, "code", code);
        SelectorOptions.add(words, "class", replyClass);
        return words;
    }

    private void print(String line, Printer printer) {
        StoredEvent found = StoredEvent.parse(line.getBytes(UTF_8));
        if (found == null) {
            printer.error("some events were missed: " + line);
        } else {
            print(found, printer);
        }
    }

    private void print(StoredEvent found, Printer printer) {
        printer.line(json ? Printer.jsonText(found.json()) : StoryLines.line(found));
    }
}
