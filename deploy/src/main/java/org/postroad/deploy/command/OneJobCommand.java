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
            "What it has done is not undone. Ends with 1 when no such job stands.",
            "With --forget, of one whose record was lost, nodes that wait for it go on as if it had taken nothing:",
            "mail that it took, and that lies behind mail that waits, leaves once more."
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

    @Option(names = "--forget", description = "Goes on without a job whose record was lost.")
    private boolean forget;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Of --forget; kept with it.")
    private String reason = "";

    @Option(names = "--json", description = "Prints one object.")
    private boolean json;

    @Override
    public Integer call() {
        CommandSpec its = Objects.requireNonNull(spec);
        String id = Job.idOf(text);
        if (id == null) {
            throw new ParameterException(its.commandLine(), text + " is no job's id, such as 1M8GQZRN1PEJ");
        }
        if (cancel && forget) {
            throw new ParameterException(its.commandLine(), "--cancel and --forget exclude each other");
        }
        Printer printer = Printer.of(its);
        return config.onCluster(
                cancel || forget ? KafkaUser.JOB_CANCEL : KafkaUser.JOBS, cluster -> show(cluster, id, printer));
    }

    private int show(Cluster cluster, String id, Printer printer) {
        Jobs jobs = new Jobs(cluster, new KnownSchemas(), Clock.systemUTC());
        if (cancel || forget) {
            jobs.prepare();
        }
        for (Map.Entry<Job, JobAccount> one : jobs.standing().entrySet()) {
            Job job = one.getKey();
            JobAccount account = one.getValue();
            if (job.id().equals(id)) {
                if (forget) {
                    printer.error("job " + id + " stands: nobody waits for its record");
                    return ExitCode.FINDING;
                }
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
        if (forget) {
            return forget(jobs, id, printer);
        }
        printer.error("no job " + id + " stands: those that are done are forgotten after a day");
        return ExitCode.FINDING;
    }

    private int forget(Jobs jobs, String id, Printer printer) {
        Job forgotten = jobs.forget(id, reason, System.getProperty("user.name", ""));
        if (forgotten == null) {
            printer.error("nobody waits for a job " + id);
            return ExitCode.FINDING;
        }
        if (json) {
            printer.json(JobLines.fields(forgotten, jobs.account(forgotten)));
        } else {
            printer.line(
                    "job %s is forgotten: what it took in %d partitions, and lies behind mail that waits, leaves once more",
                    id, forgotten.ends().size());
        }
        return ExitCode.DONE;
    }
}
