package org.postroad.deploy.command;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.config.Addresses;
import org.postroad.deploy.node.Watch;
import org.postroad.schemas.Durations;
import org.postroad.testkit.Effect;
import org.postroad.testkit.ExchangerCounts;
import org.postroad.testkit.Point;
import org.postroad.testkit.Script;
import org.postroad.testkit.ScriptedExchanger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A mail exchanger that takes, counts and forgets. */
@Command(
        name = "sink",
        mixinStandardHelpOptions = true,
        description = "Listens as a mail exchanger that counts what it takes and keeps nothing.",
        footerHeading = "%nExample:%n",
        footer = "  postroad sink --port 2526 --reply-rcpt 'unknown@*=550 5.1.1 No such user'")
final class SinkCommand implements Callable<Integer> {
    private static final long LOOK_MILLIS = 200;
    private static final int THREADS = 2;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--port", required = true, description = "0 takes a free one.")
    private int port;

    @Option(
            names = "--address",
            defaultValue = "127.0.0.1",
            description = "Of this machine (default: ${DEFAULT-VALUE}).")
    private String address = "127.0.0.1";

    @Option(
            names = "--reply-rcpt",
            paramLabel = "PATTERN=REPLY",
            description = "What RCPT TO hears where the address matches; * stands for anything. The first that fits.")
    private List<String> replies = new ArrayList<>();

    @Option(names = "--greylist", paramLabel = "PATTERN", description = "451 to the first try of each such recipient.")
    private List<String> greylisted = new ArrayList<>();

    @Option(names = "--delay", paramLabel = "TIME", description = "Before each reply to MAIL, RCPT, DATA and the dot.")
    private @Nullable String delay;

    @Option(names = "--count", paramLabel = "N", description = "Ends after so many mails.")
    private long count = Long.MAX_VALUE;

    @Option(names = "--json", description = "Prints the counts as one object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        Printer printer = Printer.of(Objects.requireNonNull(spec));
        if (port < 0 || port > 65_535) {
            throw fault("--port " + port + " is not a port");
        }
        InetSocketAddress wanted = new InetSocketAddress(address(), port);
        Script script = script();
        Watch watch = Watch.install();
        try (ScriptedExchanger exchanger = ScriptedExchanger.startCounting(script, wanted, THREADS)) {
            if (!json) {
                printer.line("postroad sink: SMTP on " + Addresses.text(exchanger.address()));
            }
            while (exchanger.counts().mails() < count && !watch.stopsWithin(LOOK_MILLIS)) {
                printer.progress(text(exchanger.counts()));
            }
            printer.progressEnds();
            print(printer, exchanger.counts());
        } finally {
            watch.ended();
        }
        return ExitCode.DONE;
    }

    private InetAddress address() {
        try {
            return Addresses.host(address);
        } catch (IllegalArgumentException e) {
            throw fault("--address " + address + " is not " + e.getMessage());
        }
    }

    private Script script() {
        Script script = Script.accepting();
        for (String reply : replies) {
            int equals = reply.indexOf('=');
            if (equals < 1 || !reply.substring(equals + 1).matches("[2-5][0-9]{2} .*")) {
                throw fault("--reply-rcpt " + reply + " is not like 'unknown@*=550 5.1.1 No such user'");
            }
            script = script.rcpt(reply.substring(0, equals), reply.substring(equals + 1));
        }
        for (String pattern : greylisted) {
            script = script.rcptFirst(1, pattern, "451 4.7.1 Greylisted, come back later");
        }
        return delay == null ? script : slow(script, duration(delay));
    }

    private static Script slow(Script script, Duration delay) {
        return script.at(Point.MAIL, Effect.delay(delay, Effect.reply("250 2.1.0 Ok")))
                .at(Point.RCPT, Effect.delay(delay, Effect.reply("250 2.1.5 Ok")))
                .at(Point.DATA, Effect.delay(delay, Effect.reply("354 Go on")))
                .at(Point.DOT, Effect.delay(delay, Effect.reply("250 2.0.0 Ok")));
    }

    private Duration duration(String text) {
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw fault("--delay " + text + " is not " + e.getMessage());
        }
    }

    private ParameterException fault(String text) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), text);
    }

    private void print(Printer printer, ExchangerCounts counts) {
        if (!json) {
            printer.line(text(counts));
            return;
        }
        Map<String, Long> fields = new LinkedHashMap<>();
        fields.put("mails", counts.mails());
        fields.put("recipients", counts.recipients());
        fields.put("octets", counts.octets());
        fields.put("connections", counts.connections());
        fields.put("maxOpenConnections", counts.maxOpenConnections());
        printer.json(fields);
    }

    private static String text(ExchangerCounts counts) {
        return "%,d mails for %,d recipients, %,d octets, %,d connections, at most %d at once"
                .formatted(
                        counts.mails(),
                        counts.recipients(),
                        counts.octets(),
                        counts.connections(),
                        counts.maxOpenConnections());
    }
}
