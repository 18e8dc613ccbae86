package org.postroad.deploy.command;

import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.Jobs;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Mail that is not to be sent until somebody has looked. */
@Command(
        name = "hold",
        mixinStandardHelpOptions = true,
        description = {
            "Holds mail: what comes from now on, what a deliverer has and has not begun, and what waits, when it is due. It is a"
                    + " policy, and ends with --for or 'postroad policy unset hold:...', which it prints.",
            "What is held stays so until 'postroad release' lets it go on; it is then held no more, unless that is said anew."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad hold --user leaked-login --reason \"a run of spam\"")
final class HoldCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private SelectorOptions selection = new SelectorOptions();

    @Mixin
    private PolicyDecision decision = new PolicyDecision();

    @Option(
            names = "--for",
            paramLabel = "DURATION",
            description = "No more is held after that: 2h. Without it, until unset.")
    private @Nullable String lasts;

    @Option(names = "--dry-run", description = "Counts what of it waits now, shows the first ten and changes nothing.")
    private boolean dryRun;

    @Option(names = "--json", description = "Prints one object.")
    private boolean json;

    @Override
    public Integer call() {
        CommandSpec its = Objects.requireNonNull(spec);
        Clock clock = Clock.systemUTC();
        Selector selector = selection.selector(its.commandLine(), clock);
        if (dryRun) {
            JobRun look = new JobRun(
                    Job.Action.DROP, Jobs.Place.RETRY, "hold", Long.MAX_VALUE, 0, true, json, decision.why());
            return config.onCluster(
                    KafkaUser.FLUSH_DRY_RUN,
                    cluster -> look.look(cluster, clock, selector, "hold, when it is due,", Printer.of(its)));
        }
        return new PolicyChange(its.commandLine(), config, clock)
                .set(Aspect.HOLD.word() + ":" + selector.text(), List.of(), decision, lasts, json);
    }
}
