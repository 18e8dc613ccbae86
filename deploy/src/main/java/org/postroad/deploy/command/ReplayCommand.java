package org.postroad.deploy.command;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.Jobs;
import org.postroad.deploy.operator.Replay;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.policy.Job;
import org.postroad.schemas.policy.Selector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Dead letters on the road again. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "From failed: sends again what bounced or expired, as a new generation of the same mail, with a lifetime of its own.",
            "What was replayed before is skipped, unless --again.",
            "From retry or held: mail that waits begins anew at once, untried and with a lifetime of its own."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad replay --from failed --domain example.org --code 5.7.* --dry-run")
final class ReplayCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private SelectorOptions selection = new SelectorOptions();

    @Option(names = "--from", required = true, paramLabel = "TOPIC", description = "Where from: failed, retry or held.")
    private String from = "";

    @Option(names = "--limit", paramLabel = "N", description = "At most so many messages.")
    private long limit = Long.MAX_VALUE;

    @Option(names = "--rate", paramLabel = "N/s", description = "Not faster than so many messages a second.")
    private @Nullable String rate;

    @Option(names = "--again", description = "Also what was replayed before.")
    private boolean again;

    @Option(names = "--dry-run", description = "Prints what would be replayed and changes nothing.")
    private boolean dryRun;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Kept in the events.")
    private String reason = "";

    @Option(names = "--json", description = "Prints one object.")
    private boolean json;

    @Override
    public Integer call() {
        CommandSpec its = Objects.requireNonNull(spec);
        Jobs.Place place =
                switch (from) {
                    case "retry" -> Jobs.Place.RETRY;
                    case "held" -> Jobs.Place.HELD;
                    case "failed" -> null;
                    default ->
                        throw new ParameterException(
                                its.commandLine(), "--from " + from + " is not failed, retry or held");
                };
        if (place != null && again) {
            throw new ParameterException(its.commandLine(), "--again is about --from failed");
        }
        if (limit < 1) {
            throw new ParameterException(its.commandLine(), "--limit " + limit + " is not at least 1");
        }
        Clock clock = Clock.systemUTC();
        Selector selector = selection.selector(its.commandLine(), clock);
        long perSecond = Pace.perSecond(its, rate);
        Printer printer = Printer.of(its);
        if (place != null) {
            JobRun run = new JobRun(Job.Action.REPLAY, place, "replayed", limit, perSecond, dryRun, json, reason);
            return config.onCluster(
                    dryRun ? KafkaUser.REPLAY_WAITING_DRY_RUN : KafkaUser.REPLAY_WAITING,
                    cluster -> run.run(cluster, clock, selector, printer));
        }
        Pace pace = Pace.of(perSecond);
        long lifetime = config.load().deliverer().retry().lifetime().toMillis();
        Count counted = config.onCluster(dryRun ? KafkaUser.REPLAY_DRY_RUN : KafkaUser.REPLAY, cluster -> {
            Replay replay = new Replay(cluster, new KnownSchemas(), clock, lifetime, reason);
            return dryRun ? look(replay, selector, printer) : send(replay, selector, pace);
        });
        report(printer, counted);
        return ExitCode.DONE;
    }

    private Count look(Replay replay, Selector selector, Printer printer) {
        Count count = new Count(again ? Map.of() : replay.done(), limit);
        count.newer(replay.select(selector, letter -> count.take(letter, chosen -> show(printer, chosen))));
        return count;
    }

    /** What was done is read only when no earlier replay can write any more. */
    private Count send(Replay replay, Selector selector, Pace pace) {
        try (Replay.Writing writing = replay.write()) {
            Count count = new Count(again ? Map.of() : replay.done(), limit);
            count.newer(replay.select(
                    selector,
                    letter -> count.take(letter, chosen -> {
                        writing.add(chosen);
                        if (pace.isSpent()) {
                            writing.commit();
                            pace.await();
                        }
                    })));
            writing.commit();
            return count;
        }
    }

    private void show(Printer printer, Replay.DeadLetter letter) {
        if (!json) {
            var envelope = letter.failure().getEnvelope();
            letter.recipients()
                    .forEach(recipient -> printer.line(envelope.getQueueId() + "  " + recipient.getAddress() + "  "
                            + (recipient.getLastReply() == null
                                    ? ""
                                    : recipient.getLastReply().getCode() + " "
                                            + recipient.getLastReply().getText())));
        }
    }

    private void report(Printer printer, Count count) {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("messages", count.messages());
            fields.put("recipients", count.recipients());
            fields.put("skipped", count.skipped());
            fields.put("newer", count.newer());
            fields.put("dryRun", dryRun);
            printer.json(fields);
        } else {
            printer.line(
                    "%s %d recipients of %d messages; skipped %d that were replayed before",
                    dryRun ? "would replay" : "replayed", count.recipients(), count.messages(), count.skipped());
            if (count.newer() > 0) {
                printer.line(
                        "left %d messages that only a newer version can replay: it wrote what this one does not know",
                        count.newer());
            }
        }
    }

    /** Counts what is chosen; confined to one thread. */
    private static final class Count {
        private final Map<String, Set<String>> done;
        private final long limit;
        private long messages;
        private long recipients;
        private long skipped;
        private long newer;

        Count(Map<String, Set<String>> done, long limit) {
            this.done = done;
            this.limit = limit;
        }

        void take(Replay.DeadLetter letter, java.util.function.Consumer<Replay.DeadLetter> taker) {
            Replay.DeadLetter left = letter.without(done.getOrDefault(letter.source(), Set.of()));
            if (left.recipients().isEmpty()) {
                skipped++;
            } else if (messages < limit) {
                messages++;
                recipients += left.recipients().size();
                taker.accept(left);
            }
        }

        void newer(long letters) {
            newer = letters;
        }

        long newer() {
            return newer;
        }

        long messages() {
            return messages;
        }

        long recipients() {
            return recipients;
        }

        long skipped() {
            return skipped;
        }
    }
}
