package org.postroad.deploy.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.postroad.deploy.config.Addresses;
import org.postroad.deploy.demo.Demo;

/** What the demo says at its end. */
final class DemoReport {
    private DemoReport() {}

    static List<String> lines(Demo.Result result) {
        List<String> lines = new ArrayList<>();
        row(
                lines,
                "accepted",
                result.sent().recipients(),
                "recipients of %,d messages in %.1f s: %,.0f messages a second, each on disk before its 250",
                result.sent().messages(),
                seconds(result.sent().millis()),
                result.sent().messages() / seconds(result.sent().millis()));
        row(lines, "delivered", result.delivered(), "%,d of them bounces that went back", result.bounces());
        row(lines, "retried", result.deferred(), "greylisted at first, and delivered when they came again");
        row(lines, "bounced", result.failed(), "refused for ever; their senders know");
        lines.add(
                String.format(Locale.ROOT, "all of it done %.1f s after the first was sent", seconds(result.millis())));
        if (!result.isAsExpected()) {
            lines.add("NOT AS EXPECTED: " + result.unexpected());
        }
        return lines;
    }

    static List<String> next(Demo demo, boolean stay) {
        if (!stay) {
            return List.of("Next: 'postroad demo --stay' to play with it; 'postroad standalone' to run it;"
                    + " README.md says how to send a first mail.");
        }
        String server = Addresses.text(demo.listener());
        return List.of(
                "It stays up until ^C. Send it mail, to somebody@accept.test, @greylist.test or unknown@refuse.test:",
                "  swaks --server " + server + " --from you@sender.test --to unknown@refuse.test",
                "and look at it from elsewhere:",
                "  postroad trace --config " + demo.configFile() + " QUEUE-ID",
                "  postroad ledger --config " + demo.configFile(),
                "  postroad replay --config " + demo.configFile() + " --from failed --all --dry-run",
                "  curl http://" + Addresses.text(demo.metricsAddress()) + "/metrics");
    }

    private static void row(List<String> lines, String name, long number, String remark, Object... values) {
        lines.add(
                String.format(Locale.ROOT, "%-10s %,9d  ", name, number) + String.format(Locale.ROOT, remark, values));
    }

    private static double seconds(long millis) {
        return Math.max(1, millis) / 1_000.0;
    }
}
