package org.postroad.deploy.command;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.JobAccount;
import org.postroad.deploy.operator.JobProgress;
import org.postroad.deploy.operator.JobSurvey;
import org.postroad.deploy.operator.Jobs;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;

/**
 * One job for mail that waits: shows what it would find, or hands it to the deliverers and waits until they have done it. They do it
 * whether or not somebody waits.
 *
 * @param done what the action is called when it is done
 * @param limit messages at most
 * @param rate messages a second at most; 0 for as fast as can be
 */
record JobRun(
        Job.Action action,
        Jobs.Place place,
        String done,
        long limit,
        long rate,
        boolean dryRun,
        boolean json,
        String reason) {
    private static final Duration ASK_EVERY = Duration.ofMillis(200);

    /** What else there is to be done, and whether somebody has cancelled it, is looked at less often: that reads a topic. */
    private static final int ASKED_BEFORE_LOOKING = 10;

    private static final int SHOWN_DESTINATIONS = 20;

    int run(Cluster cluster, Clock clock, Selector selector, Printer printer) {
        if (dryRun) {
            return look(cluster, clock, selector, action.word(), printer);
        }
        Jobs jobs = new Jobs(cluster, new KnownSchemas(), clock);
        jobs.makeRoom();
        Job job = jobs.plan(action, place, selector, reason, System.getProperty("user.name", ""))
                .at(rate);
        Job wanted = limit == Long.MAX_VALUE ? job : jobs.limited(job, limit);
        if (wanted.ends().isEmpty()) {
            return report(printer, null, jobs.account(wanted));
        }
        jobs.issue(wanted);
        if (!json) {
            printer.line("job %s: the deliverers do it, whether or not this command waits", wanted.id());
        }
        return report(printer, wanted.id(), await(jobs, wanted, printer));
    }

    /** Says what it would find; {@code would} is what would be done with that. */
    int look(Cluster cluster, Clock clock, Selector selector, String would, Printer printer) {
        Jobs jobs = new Jobs(cluster, new KnownSchemas(), clock);
        show(printer, jobs.survey(jobs.plan(action, place, selector, reason, ""), limit), would);
        return ExitCode.DONE;
    }

    /** Until all is done, or nothing has changed for long. */
    private JobAccount await(Jobs jobs, Job issued, Printer printer) {
        Job job = issued;
        JobProgress progress = new JobProgress(job, jobs.account(job), System.nanoTime());
        String saidBehind = null;
        int asked = 0;
        while (!progress.account().isOver() && !progress.standsStill(System.nanoTime())) {
            JobAccount account = progress.account();
            printer.progress(account.messages() + " messages; " + account.toLookAt() + " records are left to look at");
            Pause.of(ASK_EVERY);
            if (++asked % ASKED_BEFORE_LOOKING == 0) {
                Map<Job, JobAccount> standing = jobs.standing();
                progress.stand(standing, System.nanoTime());
                job = standing.keySet().stream()
                        .filter(one -> one.id().equals(issued.id()))
                        .findFirst()
                        .orElse(job); // somebody may have cancelled it
            }
            progress.is(jobs.account(job), System.nanoTime());
            String behind = progress.behind();
            if (behind != null && !behind.equals(saidBehind) && !json) {
                saidBehind = behind;
                printer.line("job %s waits: the deliverers are at job %s", issued.id(), behind);
            }
        }
        printer.progressEnds();
        return progress.account();
    }

    /** @param id null where there was nothing to be done, and nothing was issued */
    private int report(Printer printer, @Nullable String id, JobAccount account) {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            if (id != null) {
                fields.put("job", id);
            }
            fields.put("messages", account.messages());
            fields.put("recipients", account.recipients());
            fields.put("done", account.isDone());
            printer.json(fields);
        } else if (account.isOver()) {
            printer.line(
                    "%s %d recipients of %d messages%s",
                    done,
                    account.recipients(),
                    account.messages(),
                    account.isDone()
                            ? ""
                            : "; the job was " + (account.cancelled() ? "cancelled" : "not done within a day")
                                    + ", the rest stays as it is");
        } else {
            printer.line(
                    "%s %d recipients of %d messages so far; %d records wait for a deliverer to look at them, and no one"
                            + " has for %d s. Once one does, the rest is done",
                    done,
                    account.recipients(),
                    account.messages(),
                    account.toLookAt(),
                    JobProgress.STANDSTILL.toSeconds());
        }
        return account.isOver() ? ExitCode.DONE : ExitCode.FINDING;
    }

    private void show(Printer printer, JobSurvey survey, String would) {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("messages", survey.messages());
            fields.put("recipients", survey.recipients());
            fields.put("destinations", survey.destinations(Integer.MAX_VALUE));
            fields.put(
                    "first",
                    survey.first().stream()
                            .map(sample -> Map.of(
                                    "queueId", sample.queueId(),
                                    "destination", sample.destination(),
                                    "recipients", addresses(sample.recipients())))
                            .toList());
            fields.put("dryRun", true);
            printer.json(fields);
            return;
        }
        printer.line("would %s %d recipients of %d messages", would, survey.recipients(), survey.messages());
        survey.destinations(SHOWN_DESTINATIONS)
                .forEach((destination, messages) -> printer.line("%8d  %s", messages, destination));
        if (survey.destinationCount() > SHOWN_DESTINATIONS) {
            printer.line("          and %d more destinations", survey.destinationCount() - SHOWN_DESTINATIONS);
        }
        for (JobSurvey.Sample sample : survey.first()) {
            sample.recipients()
                    .forEach(recipient -> printer.line(PolicyLines.plain(
                            sample.queueId() + "  " + recipient.getAddress() + reply(recipient.getLastReply()))));
        }
    }

    private static List<String> addresses(List<Recipient> recipients) {
        return recipients.stream().map(Recipient::getAddress).toList();
    }

    private static String reply(@Nullable LastReply reply) {
        return reply == null ? "" : "  " + reply.getCode() + " " + reply.getText();
    }
}
