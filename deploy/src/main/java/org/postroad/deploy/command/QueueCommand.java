package org.postroad.deploy.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.observer.QueueScan;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.policy.Selector;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Who is under way. */
@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        description = {
            "Counts the recipients whose mail is under way, by destination, the fullest first: in flight, waiting to be tried again, held.",
            "With --list, or of one destination, it names them, those first that came first.",
            "An observer answers at once; without one, the topics are read."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad queue example.org --list --code 4.7.*")
final class QueueCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "DESTINATION", arity = "0..1", description = "A domain, or a roll-up's name.")
    private @Nullable String destination;

    @Option(names = "--list", description = "Names the recipients that the conditions mean.")
    private boolean list;

    @Mixin
    private SelectorOptions selection = new SelectorOptions();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "So many lines at most (default: ${DEFAULT-VALUE}).")
    private int limit = 50;

    @Option(names = "--json", description = "Prints one object.")
    private boolean json;

    @Override
    public Integer call() {
        CommandSpec its = Objects.requireNonNull(spec);
        Printer printer = Printer.of(its);
        if (limit < 0 || limit > QueueScan.MOST) {
            throw new CommandLine.ParameterException(its.commandLine(), "--limit is from 0 to " + QueueScan.MOST);
        }
        boolean selects = selection.isGiven();
        if (list && !selects && destination == null) {
            throw new CommandLine.ParameterException(its.commandLine(), "say which mail, or --all");
        }
        Selector selector = selects ? selection.selector(its.commandLine(), Clock.systemUTC()) : null;
        JsonNode answer = new ObserverClient(config.load(), printer).ask(path(selector));
        if (answer == null) {
            answer = config.onCluster(
                    KafkaUser.TRACE,
                    cluster -> JSON.valueToTree(new QueueScan(destination, selector, limit)
                            .of(cluster, new KnownSchemas(), Clock.systemUTC().millis())));
        }
        if (json) {
            printer.line(answer.toString());
        } else {
            QueueLines.of(answer).forEach(printer::line);
        }
        return ExitCode.DONE;
    }

    private String path(@Nullable Selector selector) {
        Map<String, String> parameters = new HashMap<>(selector == null ? Map.of() : selector.words());
        parameters.put("limit", Integer.toString(limit));
        String of = destination == null ? "" : "/" + ObserverClient.encoded(destination);
        return ObserverClient.path("/v1/queue" + of, parameters);
    }
}
