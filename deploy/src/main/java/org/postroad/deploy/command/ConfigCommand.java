package org.postroad.deploy.command;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.PolicyBook;
import org.postroad.deploy.settings.ConfigurationException;
import org.postroad.deploy.settings.Shown;
import org.postroad.deploy.settings.ShownYaml;
import org.postroad.ingress.Ingress;
import org.postroad.ingress.auth.UnfitFileException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The configuration, without any cluster. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "check|show",
        description = "Checks or prints the configuration; needs no cluster, and show asks one for policies.",
        footerHeading = "%nExample:%n",
        footer = "  postroad config show")
final class ConfigCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new picocli.CommandLine.ParameterException(
                Objects.requireNonNull(spec).commandLine(), "check or show is needed");
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "Says ok, or on one line each what is wrong.",
            footerHeading = "%nExample:%n",
            footer = "  postroad config check --config postroad.yaml")
    int check(@Mixin ConfigOption config) throws UnfitFileException {
        Printer printer = printer();
        try {
            Ingress.checkFiles(config.load().ingress());
        } catch (ConfigurationException e) {
            String name = Objects.requireNonNull(spec).qualifiedName();
            e.faults().forEach(fault -> printer.error(name + " check: " + fault));
            return ExitCode.USAGE;
        }
        printer.line("ok");
        return ExitCode.DONE;
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = {
                "Prints every key with the value it comes to, and whether the file, the environment or a default"
                        + " decided it.",
                "Where a cluster answers, it says beside each limit, route and roll-up which policy overrules it."
            },
            footerHeading = "%nExample:%n",
            footer = "  POSTROAD_RETRY_TIERS=10s,1m postroad config show")
    int show(@Mixin ConfigOption config, @Option(names = "--json", description = "As JSON, not YAML.") boolean json) {
        Printer printer = printer();
        Shown.Group shown = config.load().shown();
        PolicyBook book = null;
        String unknown = "";
        try {
            book = ShownPolicies.read(config);
            shown = ShownPolicies.over(shown, book);
        } catch (RuntimeException noCluster) {
            unknown = FailureLine.of(noCluster).text();
        }
        if (json) {
            Map<String, @Nullable Object> fields = shown.plain();
            if (book != null) {
                fields.put(
                        "policies",
                        book.entries().stream().map(PolicyLines::fields).toList());
            }
            printer.json(fields);
        } else {
            printer.line(ShownYaml.of(shown).stripTrailing());
            printer.line(
                    book == null
                            ? "# policies are not known: " + unknown
                            : book.entries().isEmpty() ? "# no policies" : "# policies:");
            List<PolicyBook.Entry> entries = book == null ? List.of() : book.entries();
            entries.forEach(entry -> printer.line("# " + PolicyLines.line(entry)));
        }
        return ExitCode.DONE;
    }

    private Printer printer() {
        return Printer.of(Objects.requireNonNull(spec));
    }
}
