package org.postroad.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Contenders take turns: each once a round, warm-up rounds first, the same for all; medians of the others. */
final class Rounds {
    private final Scene scene;
    private final String of;

    Rounds(Scene scene, String of) {
        this.scene = scene;
        this.of = of;
    }

    /** A row per contender, by its name. */
    Map<String, Row> run(List<Contender> contenders) throws Exception {
        Map<Server, Profile> profiles = profiles(contenders);
        int warmUp = scene.options.warmUp();
        for (int round = 1; round <= warmUp; round++) {
            for (Contender contender : contenders) {
                say("warm-up %d of %d".formatted(round, warmUp), contender, contender.round());
            }
        }
        for (Contender contender : contenders) {
            contender.measure(profiles.get(contender.server));
        }
        for (int round = 1; round <= scene.options.rounds(); round++) {
            for (Contender contender : contenders) {
                say("round %d of %d".formatted(round, scene.options.rounds()), contender, contender.measuredRound());
            }
        }
        Map<String, Row> rows = new LinkedHashMap<>();
        for (Contender contender : contenders) {
            rows.put(contender.name, contender.row(of));
        }
        return rows;
    }

    /**
     * Contenders that share a server share its recording. It starts before the warm-up: the JVM compiles much anew when
     * one starts, and what is not of a measured round is left out later.
     */
    private Map<Server, Profile> profiles(List<Contender> contenders) throws IOException {
        Map<Server, Profile> profiles = new HashMap<>();
        for (Contender contender : contenders) {
            boolean profiled = scene.options.profile() && contender.server instanceof Postroad;
            if (profiled && !profiles.containsKey(contender.server)) {
                profiles.put(contender.server, new Profile((Postroad) contender.server, scene.directory));
            }
        }
        return profiles;
    }

    private void say(String what, Contender contender, Contender.Rate rate) {
        scene.progress.say(what + ", " + contender.name + ": " + rate);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
