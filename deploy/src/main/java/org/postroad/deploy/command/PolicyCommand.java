package org.postroad.deploy.command;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.PolicyBook;
import org.postroad.schemas.KafkaUser;
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
                "hold:SELECTOR         such mail is held, as by 'postroad hold': hold:domain=example.org&sender=<>, hold:all",
                "route:DOMAIN|*        to=EXCHANGER,... tls=none|opportunistic|required|verified",
                "roll-up:SUFFIX        destination=NAME",
                "protocol-log:*|listener=NAME|client=NETWORK|user=NAME"
            },
            footerHeading = "%nExample:%n",
            footer = "  postroad policy set limit:example.org connections=2 --for 2h")
    int set(
            @Mixin ConfigOption config,
            @Mixin PolicyDecision decision,
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
        return change(config).set(key, words == null ? List.of() : words, decision, lasts, json);
    }

    @Command(
            name = "unset",
            mixinStandardHelpOptions = true,
            description = "Ends a policy, so that the files decide again; exit code 1 when none stands under that key.",
            footerHeading = "%nExample:%n",
            footer = "  postroad policy unset limit:example.org --reason \"they take it again\"")
    int unset(
            @Mixin ConfigOption config,
            @Mixin PolicyDecision decision,
            @Parameters(index = "0", paramLabel = "KEY", description = "What it is about.") String key,
            @Option(names = "--json", description = "Prints one object.") boolean json) {
        return change(config).unset(key, decision, json);
    }

    private PolicyChange change(ConfigOption config) {
        return new PolicyChange(line(), config, clock);
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
