package org.postroad.deploy.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.Ledger;
import org.postroad.schemas.KafkaUser;
import org.postroad.schemas.KnownSchemas;
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
            "Exit code 1 when that is not so. Exact when no mail moves; else it looks several times and says so."
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

    @Override
    public Integer call() {
        Printer printer = Printer.of(Objects.requireNonNull(spec));
        Ledger.Balance balance = config.onCluster(KafkaUser.LEDGER, cluster -> new Ledger(
                        cluster, new KnownSchemas(), read -> printer.progress(read + " records read"))
                .balance());
        printer.progressEnds();
        if (json) {
            printer.json(fields(balance));
        } else {
            LedgerTable.lines(balance).forEach(printer::line);
        }
        return balance.terms().isBalanced() ? ExitCode.DONE : ExitCode.FINDING;
    }

    private static Map<String, Object> fields(Ledger.Balance balance) {
        Map<String, Object> fields = new LinkedHashMap<>(balance.terms().named());
        fields.put("missing", balance.terms().missing());
        fields.put("balanced", balance.terms().isBalanced());
        fields.put("moving", balance.moving());
        return fields;
    }
}
