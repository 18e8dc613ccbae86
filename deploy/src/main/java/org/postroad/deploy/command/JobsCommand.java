package org.postroad.deploy.command;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.JobAccount;
import org.postroad.deploy.operator.Jobs;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.policy.Job;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which jobs there are. */
@Command(
        name = "jobs",
        mixinStandardHelpOptions = true,
        description = {
            "Prints what operators wanted done with waiting mail, the latest first, and how far it is.",
            "Jobs that are done can be seen for a day, as long as they are no more than 100."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad jobs --json")
final class JobsCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(names = "--json", description = "Prints one object.")
    private boolean json;

    @Override
    public Integer call() {
        Printer printer = Printer.of(Objects.requireNonNull(spec));
        Map<Job, JobAccount> standing = config.onCluster(
                KafkaUser.JOBS, cluster -> new Jobs(cluster, new KnownSchemas(), Clock.systemUTC()).standing());
        if (json) {
            List<Map<String, Object>> jobs = standing.entrySet().stream()
                    .map(one -> JobLines.fields(one.getKey(), one.getValue()))
                    .toList();
            printer.json(Map.of("jobs", jobs));
        } else {
            standing.forEach((job, account) -> printer.line(JobLines.line(job, account)));
            if (standing.isEmpty()) {
                printer.line("no jobs");
            }
        }
        return ExitCode.DONE;
    }
}
