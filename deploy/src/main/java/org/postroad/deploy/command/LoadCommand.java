package org.postroad.deploy.command;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.demo.Demo;
import org.postroad.deploy.demo.DemoLoad;
import org.postroad.deploy.node.Watch;
import org.postroad.schemas.HostAndPort;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The demo's mails to a listener somewhere else. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        description = {
            "Sends the demo's mails to a listener that may relay them: for accept.test, greylist.test and refuse.test,",
            "which have to have routes to a sink."
        },
        footerHeading = "%nExample:%n",
        footer = "  postroad load --to 127.0.0.1:2525 --mails 10000")
final class LoadCommand implements Callable<Integer> {
    private static final long LOOK_MILLIS = 200;
    private static final int SMTP = 25;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--to", paramLabel = "HOST:PORT", required = true, description = "Where the listener is.")
    private String to = "";

    @Option(names = "--mails", paramLabel = "N", defaultValue = "3000", description = "How many (default: 3000).")
    private int mails = 3_000;

    @Override
    public Integer call() throws Exception {
        Printer printer = Printer.of(Objects.requireNonNull(spec));
        if (mails < 1) {
            throw fault("--mails " + mails + " is not at least 1");
        }
        DemoLoad load = new DemoLoad(listener(), mails);
        Watch watch = Watch.install();
        try {
            load.start();
            while (!load.isOver()) {
                if (watch.stopsWithin(LOOK_MILLIS)) {
                    printer.progressEnds();
                    printer.line("%,d of %,d mails accepted, and told to stop", load.accepted(), mails);
                    return ExitCode.FINDING;
                }
                printer.progress("%,d of %,d mails accepted".formatted(load.accepted(), mails));
            }
            printer.progressEnds();
            Demo.Sent sent = load.sent();
            printer.line(
                    "%,d mails for %,d recipients accepted in %,d ms; %,d recipients will be refused",
                    sent.messages(), sent.recipients(), sent.millis(), sent.refused());
            return ExitCode.DONE;
        } finally {
            watch.ended();
        }
    }

    private InetSocketAddress listener() {
        try {
            HostAndPort named = HostAndPort.parse(to);
            return new InetSocketAddress(named.host(), named.port() == 0 ? SMTP : named.port());
        } catch (IllegalArgumentException e) {
            throw fault("--to " + to + " is not " + e.getMessage());
        }
    }

    private ParameterException fault(String text) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), text);
    }
}
