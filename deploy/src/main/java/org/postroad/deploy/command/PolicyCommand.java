package org.postroad.deploy.command;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.PolicyBook;
import org.postroad.deploy.operator.PolicyWords;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Durations;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.policy.Aspect;
import org.postroad.schemas.policy.StandingPolicy;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What operators change while nodes run. */
@Command(
        name = "policy",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "list|set|unset",
        description = {
            "Changes limits, routes, roll-ups and the protocol log on all nodes, and suspends destinations, with no restart.",
            "A node that reaches Kafka follows within a second, and its log says so."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad policy set limit:example.org connections=2 --for 2h")
final class PolicyCommand implements Runnable {
    private final Clock clock = Clock.systemUTC();

    @Spec
    private @Nullable CommandSpec spec;

    /** Kept with a change. */
    static final class Decision {
        @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept with it.")
        private String reason = "";

        @Option(names = "--by", paramLabel = "NAME", description = "Who decides; without it user@host.")
        private @Nullable String by;

        String why() {
            return Caps.cut(reason, Caps.NAME_OCTETS);
        }

        String who() {
            return Caps.cut(by == null ? System.getProperty("user.name", "") + "@" + host() : by, Caps.NAME_OCTETS);
        }

        private static String host() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException noName) {
                return "localhost";
            }
        }
    }

    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "list, set or unset is needed");
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Prints what is in force, what has ended or was taken back, and what nodes ignore and why.",
            footerHeading = "%nExample:%n",
            footer = "  postroad policy list --json")
    int list(@Mixin ConfigOption config, @Option(names = "--json", description = "Prints one object.") boolean json) {
        Printer printer = printer();
        PolicyBook book = PolicyTopic.on(config, KafkaUser.POLICY_LIST, clock, PolicyTopic::read);
        if (json) {
            printer.json(Map.of(
                    "policies", book.entries().stream().map(PolicyLines::fields).toList()));
        } else {
            book.entries().forEach(entry -> printer.line(PolicyLines.line(entry)));
            if (book.entries().isEmpty()) {
                printer.line("no policies: the files of the nodes decide");
            }
        }
        return ExitCode.DONE;
    }

    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description = {
                "Puts a policy in force, in place of one that stands under the same key; what it does not set stays as"
                        + " files say.",
                "limit:DESTINATION|*   connections=N messages-per-connection=N idle=DURATION",
                "suspend:DESTINATION|*  nothing is sent there while it holds",
                "route:DOMAIN|*        to=EXCHANGER,... tls=none|opportunistic|required|verified",
                "roll-up:SUFFIX        destination=NAME",
                "protocol-log:*|listener=NAME|client=NETWORK|user=NAME"
            },
            footerHeading = "%nExample:%n",
            footer = "  postroad policy set limit:example.org connections=2 --for 2h")
    int set(
            @Mixin ConfigOption config,
            @Mixin Decision decision,
            @Parameters(index = "0", paramLabel = "KEY", description = "What it is about.") String key,
            @Parameters(index = "1..*", arity = "0..*", paramLabel = "NAME=VALUE", description = "What it sets.")
                    @Nullable
                    List<String> words,
            @Option(
                            names = "--for",
                            paramLabel = "DURATION",
                            description = "It ends by itself after that: 2h. Without it, it stays until unset.")
                    @Nullable
                    String lasts,
            @Option(names = "--json", description = "Prints one object.") boolean json) {
        Printer printer = printer();
        StandingPolicy draft = draft(key, words == null ? new ArrayList<>() : words, decision);
        Duration duration = lasts == null ? null : said(() -> duration(lasts));
        return PolicyTopic.on(config, KafkaUser.POLICY_SET, clock, topic -> {
            topic.prepare();
            PolicyBook book = topic.read();
            String subject = PolicyWords.subject(draft.aspect(), key, book.rollUps());
            if (subject == null) {
                refuse(key + ": wanted is *, a domain, or the destination of a roll-up");
            }
            StandingPolicy policy = decided(draft, Objects.requireNonNull(subject), duration);
            refuse(book.faultBesideOthers(policy));
            PolicyBook.Entry before = book.entry(policy.key());
            if (isSame(before, policy)) {
                report(printer, json, "stands already", policy.key(), before, null);
                return ExitCode.DONE;
            }
            PolicyBook.Entry after = topic.change(policy, book).entry(policy.key());
            boolean stands = after != null && after.record().equals(policy.toRecord());
            report(printer, json, stands ? "set" : "replaced meanwhile", policy.key(), after, before);
            return stands ? ExitCode.DONE : ExitCode.FINDING;
        });
    }

    @Command(
            name = "unset",
            mixinStandardHelpOptions = true,
            description = "Ends a policy, so that the files decide again; exit code 1 when none stands under that key.",
            footerHeading = "%nExample:%n",
            footer = "  postroad policy unset limit:example.org --reason \"they take it again\"")
    int unset(
            @Mixin ConfigOption config,
            @Mixin Decision decision,
            @Parameters(index = "0", paramLabel = "KEY", description = "What it is about.") String key,
            @Option(names = "--json", description = "Prints one object.") boolean json) {
        Printer printer = printer();
        Aspect aspect = said(() -> PolicyWords.aspect(key));
        return PolicyTopic.on(config, KafkaUser.POLICY_UNSET, clock, topic -> {
            topic.prepare();
            PolicyBook book = topic.read();
            PolicyBook.Entry before = book.entry(key);
            if (!PolicyLines.stands(before)) { // what another tool wrote may be spelt in any way
                String subject = said(() -> PolicyWords.subject(aspect, key, book.rollUps()));
                before = book.entry(aspect.word() + ":" + subject);
            }
            if (before == null || !PolicyLines.stands(before)) {
                report(printer, json, "does not stand", before == null ? key : before.key(), before, null);
                return ExitCode.FINDING;
            }
            PolicyBook.Entry after =
                    topic.end(before, decision.why(), decision.who(), book).entry(before.key());
            boolean ended = !PolicyLines.stands(after);
            report(printer, json, ended ? "unset" : "replaced meanwhile", before.key(), after, before);
            return ended ? ExitCode.DONE : ExitCode.FINDING;
        });
    }

    /** What is wanted, with a subject that is not sure yet; what cannot be meant is refused before the cluster is asked. */
    private StandingPolicy draft(String key, List<String> words, Decision decision) {
        Aspect aspect = said(() -> PolicyWords.aspect(key));
        Map<String, String> settings = said(() -> PolicyWords.settings(aspect, words));
        String guess = said(() -> PolicyWords.subject(aspect, key, List.of()));
        StandingPolicy draft = new StandingPolicy(
                aspect, guess == null ? "" : guess, settings, decision.why(), decision.who(), 0, Long.MAX_VALUE);
        refuse(PolicyBook.fault(draft));
        return draft;
    }

    /** The draft, decided now about this subject. */
    private StandingPolicy decided(StandingPolicy draft, String subject, @Nullable Duration lasts) {
        long now = clock.millis();
        long until = lasts == null ? Long.MAX_VALUE : now + lasts.toMillis();
        return new StandingPolicy(draft.aspect(), subject, draft.settings(), draft.reason(), draft.by(), now, until);
    }

    /** Whether saying it again would change nothing but the time at which it was said. */
    private static boolean isSame(PolicyBook.@Nullable Entry before, StandingPolicy policy) {
        StandingPolicy old = before == null || before.state() != PolicyBook.State.IN_FORCE ? null : before.policy();
        return old != null
                && old.settings().equals(policy.settings())
                && old.untilMillis() == policy.untilMillis()
                && (policy.reason().isEmpty() || policy.reason().equals(old.reason()));
    }

    private static void report(
            Printer printer,
            boolean json,
            String did,
            String key,
            PolicyBook.@Nullable Entry now,
            PolicyBook.@Nullable Entry before) {
        if (json) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("did", did);
            fields.put("key", key);
            fields.put("now", now == null ? null : PolicyLines.fields(now));
            fields.put("before", before == null ? null : PolicyLines.fields(before));
            printer.json(fields);
            return;
        }
        printer.line(did + ": " + (now == null ? key : PolicyLines.line(now)));
        if (before != null) {
            printer.line("before: " + PolicyLines.line(before));
        }
    }

    private static Duration duration(String text) {
        try {
            Duration duration = Durations.parse(text);
            if (duration.isZero()) {
                throw new IllegalArgumentException("more than nothing");
            }
            return duration;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--for " + text + ": wanted is " + e.getMessage(), e);
        }
    }

    private <T> T said(Supplier<T> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(line(), String.valueOf(e.getMessage()), e);
        }
    }

    private void refuse(@Nullable String fault) {
        if (fault != null) {
            throw new ParameterException(line(), fault);
        }
    }

    /** That of list, set or unset. */
    private CommandLine line() {
        CommandLine policy = Objects.requireNonNull(spec).commandLine();
        return policy.getParseResult().subcommand().commandSpec().commandLine();
    }

    private Printer printer() {
        return Printer.of(Objects.requireNonNull(spec));
    }
}
