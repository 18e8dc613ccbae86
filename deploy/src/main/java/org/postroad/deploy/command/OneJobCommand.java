package org.postroad.deploy.command;

import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.JobAccount;
import org.postroad.deploy.operator.Jobs;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.policy.Job;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** How far one job is, or its end. */
@Command(
        name = "job",
        mixinStandardHelpOptions = true,
        description = {
            "Prints how far a job is; with --cancel, what is left of it stays undone.",
            "What it has done is not undone. Ends with 1 when no such job stands."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad job 1M8GQZRN1PEJ --cancel")
final class OneJobCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "ID", description = "As the command said that issued it, or 'postroad jobs' does.")
    private String text = "";

    @Option(names = "--cancel", description = "Leaves undone what is left.")
    private boolean cancel;

    @Option(names = "--json", description = "Prints one object.")
    private boolean json;

    @Override
    public Integer call() {
        CommandSpec its = Objects.requireNonNull(spec);
        String id = Job.idOf(text);
        if (id == null) {
            throw new ParameterException(its.commandLine(), text + " is no job's id, such as 1M8GQZRN1PEJ");
        }
        Printer printer = Printer.of(its);
        return config.onCluster(cancel ? KafkaUser.JOB_CANCEL : KafkaUser.JOBS, cluster -> show(cluster, id, printer));
    }

    private int show(Cluster cluster, String id, Printer printer) {
        Jobs jobs = new Jobs(cluster, new KnownSchemas(), Clock.systemUTC());
        if (cancel) {
            jobs.prepare();
        }
        for (Map.Entry<Job, JobAccount> one : jobs.standing().entrySet()) {
            Job job = one.getKey();
            JobAccount account = one.getValue();
            if (job.id().equals(id)) {
                if (cancel && !account.isOver()) {
                    job = jobs.cancel(job);
                    account = jobs.account(job);
                }
                if (json) {
                    printer.json(JobLines.fields(job, account));
                } else {
                    printer.line(JobLines.line(job, account));
                }
                return ExitCode.DONE;
            }
        }
        printer.error("no job " + id + " stands: those that are done are forgotten after a day");
        return ExitCode.FINDING;
    }
}
