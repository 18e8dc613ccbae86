package org.postroad.deploy.command;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.demo.Demo;
import org.postroad.deploy.node.Watch;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Story;
import org.postroad.schemas.KnownSchemas;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The whole road in one minute. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a standalone and three exchangers, one that accepts, one that greylists, one that refuses some;",
            "sends mail through it and tells what happened. Everything is temporary and on loopback."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad demo --mails 10000 --stay")
final class DemoCommand implements Callable<Integer> {
    private static final long LOOK_MILLIS = 1_000;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--stay", description = "Stays up afterwards, to play with.")
    private boolean stay;

    @Option(names = "--mails", paramLabel = "N", defaultValue = "3000", description = "How many (default: 3000).")
    private int mails = 3_000;

    @Override
    public Integer call() throws Exception {
        CommandSpec its = Objects.requireNonNull(spec);
        if (mails < 1) {
            throw new ParameterException(its.commandLine(), "--mails " + mails + " is not at least 1");
        }
        Printer printer = Printer.of(its);
        Watch watch = Watch.install(Duration.ofMinutes(1));
        try {
            printer.progress("starting Kafka, router, deliverer, ingress and three exchangers");
            try (Demo demo = Demo.start()) {
                return tell(demo, printer, watch);
            }
        } finally {
            watch.ended();
        }
    }

    private int tell(Demo demo, Printer printer, Watch watch) throws Exception {
        Demo.Result result = demo.run(mails, progress -> {
            printer.progress(progress);
            return !watch.isStopping();
        });
        printer.progressEnds();
        DemoReport.lines(result).forEach(printer::line);
        story(demo, result, printer);
        printer.line("");
        printer.line("The ledger, added up from the topics:");
        LedgerTable.lines(result.balance()).forEach(line -> printer.line("  " + line));
        printer.line("");
        DemoReport.next(demo, stay).forEach(printer::line);
        if (stay) {
            while (!watch.stopsWithin(LOOK_MILLIS)) {
                if (demo.dead() != null) {
                    printer.error("postroad demo: " + demo.dead());
                    return ExitCode.FINDING;
                }
            }
            return ExitCode.DONE;
        }
        return result.isAsExpected() ? ExitCode.DONE : ExitCode.FINDING;
    }

    private static void story(Demo demo, Demo.Result result, Printer printer) {
        if (result.tellingQueueId().isEmpty()) {
            return;
        }
        printer.line("");
        printer.line("One message, three recipients, three fates (postroad trace " + result.tellingQueueId() + "):");
        try (Cluster cluster = demo.cluster()) {
            Story story = Story.of(result.tellingQueueId(), cluster, new KnownSchemas());
            StoryLines.of(story, result.tellingQueueId()).forEach(line -> printer.line("  " + line));
        }
    }
}
