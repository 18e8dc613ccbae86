package org.postroad.deploy.command;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.StoredEvent;
import org.postroad.deploy.operator.Story;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.QueueIds;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The story of one message. */
@Command(
        name = "trace",
        mixinStandardHelpOptions = true,
        description = "Tells what happened to one message, its bounce and its replays, and where the rest of it is.",
        footerHeading = "%nExample:%n",
        footer = "  postroad trace 01KAN8Y6Q3WZ5T0V9X2B4C6D8E")
final class TraceCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "QUEUE-ID", description = "As in the 250, the Received: line, the log and the events.")
    private String queueId = "";

    @Option(names = "--json", description = "Prints the events as an array.")
    private boolean json;

    @Override
    public Integer call() {
        CommandSpec its = Objects.requireNonNull(spec);
        Printer printer = Printer.of(its);
        String wanted = Ascii.upper(queueId);
        if (!QueueIds.isQueueId(wanted)) {
            throw new picocli.CommandLine.ParameterException(
                    its.commandLine(), queueId + " is no queue id: 26 digits and capital letters");
        }
        Story story = config.onCluster(KafkaUser.TRACE, cluster -> Story.of(wanted, cluster, new KnownSchemas()));
        if (json) {
            printer.line(Printer.jsonText(
                    story.events().stream().map(StoredEvent::json).toList()));
        } else {
            lines(story, wanted).forEach(printer::line);
        }
        return story.isEmpty() ? ExitCode.FINDING : ExitCode.DONE;
    }

    private static List<String> lines(Story story, String queueId) {
        return story.isEmpty()
                ? List.of(
                        "nothing is known of " + queueId + ": never accepted here, or longer ago than events are kept")
                : StoryLines.of(story, queueId);
    }
}
