package org.postroad.deploy.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.Ledger;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The promise that nothing is lost, added up. */
@Command(
        name = "ledger",
        mixinStandardHelpOptions = true,
        description = {
            "Adds up every recipient from the topics: accepted + generated + replayed = delivered + failed + dropped"
                    + " + held + rejected + in flight.",
            "Exact while mail moves, and whatever the age of the cluster. Exit code 1 when it does not balance."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad ledger --json")
final class LedgerCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(names = "--json", description = "Prints one object.")
    private boolean json;

    @Option(
            names = "--now",
            description = {
                "Asks an observer, which answers at once with what the events add up to. It does not look whether the mail is where they"
                        + " say, as the ledger does without this."
            })
    private boolean now;

    @Option(
            names = "--write-off",
            paramLabel = "REASON",
            description = "Takes the difference there is as known: only a later one is a finding.")
    private @Nullable String writeOff;

    @Override
    public Integer call() {
        CommandSpec its = Objects.requireNonNull(spec);
        Printer printer = Printer.of(its);
        if (now) {
            return now(its, printer);
        }
        long nowMillis = Clock.systemUTC().millis();
        Ledger.Balance balance = config.onCluster(KafkaUser.LEDGER, cluster -> {
            Ledger ledger = new Ledger(cluster, new KnownSchemas(), read -> printer.progress(read + " records read"));
            return writeOff == null
                    ? ledger.balanceAndBringForward(nowMillis)
                    : ledger.balanceAndWriteOff(writeOff, nowMillis);
        });
        printer.progressEnds();
        if (json) {
            printer.json(fields(balance));
        } else {
            LedgerTable.lines(balance).forEach(printer::line);
        }
        return balance.isFinding() ? ExitCode.FINDING : ExitCode.DONE;
    }

    private int now(CommandSpec its, Printer printer) {
        if (writeOff != null) {
            throw new CommandLine.ParameterException(its.commandLine(), "--now and --write-off exclude each other");
        }
        JsonNode answer = new ObserverClient(config.load(), printer).require("/v1/ledger");
        if (json) {
            printer.line(answer.toString());
        } else {
            LedgerTable.lines(answer).forEach(printer::line);
        }
        return isFinding(answer) ? ExitCode.FINDING : ExitCode.DONE;
    }

    /** What was deleted unread need not balance, and whoever seems to be late may have come to an end in events that are not read yet. */
    static boolean isFinding(JsonNode answer) {
        boolean balances =
                answer.path("balanced").asBoolean() || answer.path("gaps").asBoolean();
        return !balances || !answer.path("pastLifetime").isEmpty() && !ObserverClient.isBehind(answer);
    }

    private static Map<String, Object> fields(Ledger.Balance balance) {
        Map<String, Object> fields = new LinkedHashMap<>(balance.terms().named());
        fields.put("writtenOff", balance.writtenOff());
        fields.put("missing", balance.missing());
        fields.put("balanced", balance.isBalanced());
        fields.put("moving", balance.moving());
        fields.put("unreadable", balance.unreadable());
        fields.put("gaps", balance.gaps());
        fields.put("newer", balance.newer());
        return fields;
    }
}
