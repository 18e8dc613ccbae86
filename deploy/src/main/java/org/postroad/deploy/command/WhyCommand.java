package org.postroad.deploy.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.config.Configuration;
import org.postroad.deploy.observer.Why;
import org.postroad.deploy.operator.Story;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Why a message has not arrived yet. */
@Command(
        name = "why",
        mixinStandardHelpOptions = true,
        description = {
            "Says in one sentence why a message has not arrived yet, or how it ended; in one for each where its recipients"
                    + " fared differently.",
            "Exit code 1 when nothing is known of it."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad why 01KAN8Y6Q3WZ5T0V9X2B4C6D8E")
final class WhyCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "QUEUE-ID", description = "As in the 250, the Received: line, the log and the events.")
    private String queueId = "";

    @Option(names = "--json", description = "Prints one object.")
    private boolean json;

    @Override
    public Integer call() {
        CommandSpec its = Objects.requireNonNull(spec);
        Printer printer = Printer.of(its);
        String wanted = TraceCommand.queueId(its, queueId);
        Configuration configuration = config.load();
        JsonNode answer = new ObserverClient(configuration, printer).message(wanted);
        boolean known = true;
        String why;
        if (answer != null) {
            why = answer.path("why").asText();
        } else {
            Story story = config.onCluster(KafkaUser.TRACE, cluster -> Story.of(wanted, cluster, new KnownSchemas()));
            known = !story.isEmpty();
            why = story.events().isEmpty() && known
                    ? String.join("\n", story.waiting())
                    : Why.of(story.events(), wanted, Clock.systemUTC().millis());
        }
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("queueId", wanted);
            fields.put("why", why);
            printer.json(fields);
        } else {
            printer.line(why);
        }
        return known ? ExitCode.DONE : ExitCode.FINDING;
    }
}
