package org.postroad.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the command line asks for. */
record Options(
        List<String> cases,
        List<String> systems,
        int rounds,
        int warmUp,
        int sessions,
        boolean ownEnds,
        boolean quick,
        boolean profile,
        @Nullable Path json) {
    static final List<String> CASES =
            List.of("4k", "50k", "100k", "fanout", "destinations", "slow", "tls", "latency", "start");
    private static final List<String> SYSTEMS = List.of("direct", "postfix", "postroad");
    private static final Pattern SIZE = Pattern.compile("[1-9][0-9]{0,4}k");

    static final String HELP = """
            usage: deploy/bench/run [--cases A,B] [--rounds N] [--warm-up N] [--sessions N] [--systems A,B]
                                    [--own-ends] [--quick] [--profile] [--json FILE]

            Runs systems side by side against the same source and the same receiver, which counts; prints medians and ratios.

            --cases      of: 4k 50k 100k fanout destinations slow tls latency start (default: all); any other size is a case too: 16k
            --rounds     measured rounds, the systems taking turns in each (default 3, quick 1)
            --warm-up    rounds before them, the same for every system; a JVM needs some (default 5, quick 1)
            --sessions   of the source (default 50)
            --own-ends   the benchmark's own source and sink, which pipeline, in place of Debian's, where a size is the case
            --systems    of: direct postfix postroad (default: all)
            --quick      a tenth of the mail: does it run at all, in under three minutes?
            --profile    also where Postroad's processor time and memory go, by stage, thread, method and site
            --json       also everything that was measured, into this file

            cases: 4k 50k 100k   one destination, Debian's smtp-source and smtp-sink
                   fanout        50 KiB, 50 recipients in 50 domains, each with an address of its own
                   destinations  4 KiB, 1,000 destinations, one of them with half of the mail, beside the same load to one
                   slow          the same with a receiver that takes 50 ms for every reply, deliverer.limits raised
                   tls           4 KiB to a receiver that offers STARTTLS, beside one that does not
                   latency       nearly idle: from the 250 to the dot at the receiver
                   start         from the process's start to the first 250: fresh, after a clean stop, after kill -9 under load

            example: deploy/bench/run --cases 4k,tls --rounds 5 --json bench.json

            Exit code 0: all cases ran; 1: a case failed; 2: it could not start.
            """;

    /** Throws an IllegalArgumentException that says in one line what is wrong. */
    static Options parse(List<String> words) {
        List<String> cases = CASES;
        List<String> systems = SYSTEMS;
        boolean quick = words.contains("--quick");
        int rounds = quick ? 1 : 3;
        int warmUp = quick ? 1 : 5;
        int sessions = 50;
        boolean ownEnds = false;
        boolean profile = false;
        @Nullable Path json = null;
        for (int i = 0; i < words.size(); i++) {
            String option = words.get(i);
            switch (option) {
                case "--quick" -> quick = true;
                case "--own-ends" -> ownEnds = true;
                case "--profile" -> profile = true;
                case "--cases" -> cases = known(value(words, ++i), CASES, SIZE);
                case "--systems" -> systems = known(value(words, ++i), SYSTEMS, Pattern.compile("(?!)"));
                case "--rounds" -> rounds = number(value(words, ++i), 1);
                case "--warm-up" -> warmUp = number(value(words, ++i), 0);
                case "--sessions" -> sessions = number(value(words, ++i), 1);
                case "--json" -> json = Path.of(value(words, ++i));
                default -> throw new IllegalArgumentException("no such option: " + option + " (--help lists them)");
            }
        }
        return new Options(cases, systems, rounds, warmUp, sessions, ownEnds, quick, profile, json);
    }

    /** So many of something, or a tenth of them in a quick run. */
    int scaled(int number) {
        return quick ? Math.max(1, number / 10) : number;
    }

    private static String value(List<String> words, int at) {
        if (at == words.size()) {
            throw new IllegalArgumentException(words.get(at - 1) + " needs a value");
        }
        return words.get(at);
    }

    private static int number(String text, int least) {
        if (!text.matches("[0-9]{1,6}") || Integer.parseInt(text) < least) {
            throw new IllegalArgumentException("not a number of at least " + least + ": " + text);
        }
        return Integer.parseInt(text);
    }

    private static List<String> known(String text, List<String> names, Pattern others) {
        List<String> chosen = new ArrayList<>();
        for (String name : text.split(",")) {
            if (!names.contains(name) && !others.matcher(name).matches()) {
                throw new IllegalArgumentException("not one of " + String.join(" ", names) + ": " + name);
            }
            chosen.add(name);
        }
        return chosen;
    }
}
