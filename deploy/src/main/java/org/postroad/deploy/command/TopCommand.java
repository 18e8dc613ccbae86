package org.postroad.deploy.command;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Durations;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What moves and what waits, again and again. */
@Command(
        name = "top",
        mixinStandardHelpOptions = true,
        description = {
            "Shows how much mail comes, goes and waits, and the fullest destinations with their last reply, until Ctrl-C.",
            "An observer has to be there."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad top --every 5s")
final class TopCommand implements Callable<Integer> {
    private static final Duration SHORTEST = Duration.ofMillis(100);

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(
            names = "--every",
            paramLabel = "TIME",
            defaultValue = "2s",
            description = "How long from one to the next (default: ${DEFAULT-VALUE}).")
    private String every = "2s";

    @Option(names = "--count", paramLabel = "N", description = "Ends after so many.")
    private long count = Long.MAX_VALUE;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "So many destinations at most (default: ${DEFAULT-VALUE}).")
    private int limit = 20;

    @Option(names = "--json", description = "Prints one object each time.")
    private boolean json;

    @Override
    public Integer call() {
        CommandSpec its = Objects.requireNonNull(spec);
        Duration pause = pause(its);
        Printer printer = Printer.of(its);
        ObserverClient observer = new ObserverClient(config.load(), printer);
        TopScreen before = null;
        for (long shown = 0; shown < count; shown++) {
            if (shown > 0) {
                Pause.of(pause);
            }
            TopScreen now = new TopScreen(
                    System.nanoTime(), observer.require("/v1/ledger"), observer.require("/v1/queue?limit=" + limit));
            if (json) {
                Map<String, Object> both = new LinkedHashMap<>();
                both.put("ledger", now.ledger());
                both.put("queue", now.queue());
                printer.json(both);
            } else {
                printer.screen(now.lines(before));
            }
            before = now;
        }
        return ExitCode.DONE;
    }

    private Duration pause(CommandSpec its) {
        try {
            Duration pause = Durations.parse(every);
            if (pause.compareTo(SHORTEST) >= 0 && count > 0 && limit >= 0) {
                return pause;
            }
        } catch (IllegalArgumentException notATime) {
            // Said below.
        }
        throw new CommandLine.ParameterException(
                its.commandLine(), "wanted are --every 100ms or more, --count 1 or more, --limit 0 or more");
    }
}
