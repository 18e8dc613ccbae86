package org.postroad.deploy.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** All commands by name. */
public final class CommandTree {
    private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("standalone", StandaloneCommand::new);
        COMMANDS.put("ingress", IngressCommand::new);
        COMMANDS.put("router", RouterCommand::new);
        COMMANDS.put("deliverer", DelivererCommand::new);
        COMMANDS.put("observer", ObserverCommand::new);
        COMMANDS.put("topics", TopicsCommand::new);
        COMMANDS.put("config", ConfigCommand::new);
        COMMANDS.put("users", UsersCommand::new);
        COMMANDS.put("demo", DemoCommand::new);
        COMMANDS.put("sink", SinkCommand::new);
        COMMANDS.put("load", LoadCommand::new);
        COMMANDS.put("trace", TraceCommand::new);
        COMMANDS.put("queue", QueueCommand::new);
        COMMANDS.put("top", TopCommand::new);
        COMMANDS.put("why", WhyCommand::new);
        COMMANDS.put("events", EventsCommand::new);
        COMMANDS.put("ledger", LedgerCommand::new);
        COMMANDS.put("replay", ReplayCommand::new);
        COMMANDS.put("flush", FlushCommand::new);
        COMMANDS.put("hold", HoldCommand::new);
        COMMANDS.put("release", ReleaseCommand::new);
        COMMANDS.put("bounce", BounceCommand::new);
        COMMANDS.put("drop", DropCommand::new);
        COMMANDS.put("jobs", JobsCommand::new);
        COMMANDS.put("job", OneJobCommand::new);
        COMMANDS.put("policy", PolicyCommand::new);
        COMMANDS.put("completion", CompletionCommand::new);
    }

    private CommandTree() {}

    /** The command line; when it names a command, the others are not even looked at, which starts faster. */
    public static CommandLine of(String... args) {
        CommandLine root = new CommandLine(new Root());
        Supplier<Object> named = args.length == 0 ? null : COMMANDS.get(args[0]);
        if (named != null) {
            root.addSubcommand(args[0], named.get());
        } else {
            COMMANDS.forEach((name, command) -> root.addSubcommand(name, command.get()));
        }
        root.setUsageHelpAutoWidth(true);
        root.setCaseInsensitiveEnumValuesAllowed(true);
        root.setParameterExceptionHandler((fault, given) -> refuse(fault));
        root.setExecutionExceptionHandler((thrown, line, parsed) -> fail(thrown, line));
        return root;
    }

    private static int refuse(CommandLine.ParameterException fault) {
        CommandLine line = fault.getCommandLine();
        String name = line.getCommandSpec().qualifiedName();
        String reason = String.valueOf(fault.getMessage()).replaceAll("\\s*\\R\\s*", " ");
        line.getErr().println(name + ": " + reason + "; see '" + name + " --help'");
        return ExitCode.USAGE;
    }

    private static int fail(Exception thrown, CommandLine line) {
        LoggerFactory.getLogger(CommandTree.class).atDebug().setCause(thrown).log("the command failed");
        FailureLine failure = FailureLine.of(thrown);
        line.getErr().println(line.getCommandSpec().qualifiedName() + ": " + failure.text());
        return failure.exitCode();
    }

    /** The bare name. */
    @Command(
            name = "postroad",
            mixinStandardHelpOptions = true,
            version = "postroad 0.1",
            synopsisSubcommandLabel = "COMMAND",
            description = "Mail delivery on Kafka: takes mail by SMTP, keeps it in topics, sends it by SMTP.",
            footerHeading = "%nExit codes: 0 done; 1 a finding; 2 usage or configuration; 3 no cluster.%n%nExample:%n",
            footer = "  postroad demo")
    static final class Root implements Runnable {
        @picocli.CommandLine.Spec
        private @org.jspecify.annotations.Nullable CommandSpec spec;

        @Override
        public void run() {
            CommandSpec its = java.util.Objects.requireNonNull(spec);
            throw new CommandLine.ParameterException(its.commandLine(), "a command is needed");
        }
    }
}
