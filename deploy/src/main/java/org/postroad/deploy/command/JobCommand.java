package org.postroad.deploy.command;

import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.Jobs;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that is one job. */
abstract class JobCommand implements Callable<Integer> {
    private final Job.Action action;
    private final Jobs.Place place;
    private final KafkaUser user;
    private final KafkaUser dryRunUser;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private SelectorOptions selection = new SelectorOptions();

    @Option(names = "--limit", paramLabel = "N", description = "At most so many messages.")
    private long limit = Long.MAX_VALUE;

    @Option(names = "--rate", paramLabel = "N/s", description = "Not faster than so many messages a second.")
    private @Nullable String rate;

    @Option(names = "--dry-run", description = "Counts what is meant, shows the first ten and changes nothing.")
    private boolean dryRun;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Kept in the events.")
    private String reason = "";

    @Option(names = "--json", description = "Prints one object.")
    private boolean json;

    JobCommand(Job.Action action, Jobs.Place place, KafkaUser user, KafkaUser dryRunUser) {
        this.action = action;
        this.place = place;
        this.user = user;
        this.dryRunUser = dryRunUser;
    }

    @Override
    public Integer call() {
        CommandSpec its = Objects.requireNonNull(spec);
        if (limit < 1) {
            throw new ParameterException(its.commandLine(), "--limit " + limit + " is not at least 1");
        }
        Clock clock = Clock.systemUTC();
        Selector selector = selection.selector(its.commandLine(), clock);
        JobRun run = new JobRun(action, place, done(), limit, Pace.perSecond(its, rate), dryRun, json, reason);
        return config.onCluster(
                dryRun ? dryRunUser : user, cluster -> run.run(cluster, clock, selector, Printer.of(its)));
    }

    /** What the action is called when it is done. */
    abstract String done();
}
