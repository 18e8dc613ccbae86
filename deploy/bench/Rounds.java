import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Contenders take turns: each once a round, warm-up rounds first, the same for all; medians of the others. */
final class Rounds {
    /** A system with its load, and both ends of the road. */
    record Contender(String name, Server server, Load load, Sender sender, Receiver receiver) {}

    /** Nothing accepted and nothing delivered for so long is a failure. */
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Commits and acknowledgements of a round belong to its costs. */
    private static final long SETTLE_MILLIS = 200;

    private final Scene scene;
    private final String of;
    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final Map<String, List<double[]>> rates = new LinkedHashMap<>();
    private final Map<String, Costs> costs = new LinkedHashMap<>();
    private final Map<Server, Profile> profiles = new LinkedHashMap<>();

    Rounds(Scene scene, String of) {
        this.scene = scene;
        this.of = of;
    }

    /** A row per contender, by its name. */
    Map<String, Row> run(List<Contender> contenders) throws Exception {
        for (Contender contender : contenders) {
            rows.put(contender.name(), new Row(of, contender.name(), new LinkedHashMap<>()));
            rates.put(contender.name(), new ArrayList<>());
        }
        int warmUp = scene.options.warmUp();
        for (int round = 1; round <= warmUp + scene.options.rounds(); round++) {
            for (Contender contender : contenders) {
                String what = round <= warmUp ? "warm-up " + round + " of " + warmUp
                        : "round " + (round - warmUp) + " of " + scene.options.rounds();
                if (round == warmUp + 1) {
                    measuring(contender);
                }
                double[] rate = round <= warmUp ? turn(contender) : measured(contender);
                scene.progress.say("%s, %s: %,.0f/s accepted, %,.0f/s delivered".formatted(what, contender.name(), rate[0], rate[1]));
            }
        }
        for (Contender contender : contenders) {
            sum(contender);
        }
        return rows;
    }

    private void measuring(Contender contender) throws Exception {
        if (contender.server() instanceof Postroad) {
            Postroad postroad = (Postroad) contender.server();
            boolean profile = scene.options.profile();
            if (profile && !profiles.containsKey(postroad)) {
                profiles.put(postroad, new Profile(postroad, scene.directory));
            }
            costs.put(contender.name(), new Costs(postroad, profile ? Profile.threads(postroad.pid()) : Map.of()));
        }
    }

    private double[] measured(Contender contender) throws Exception {
        Costs cost = costs.get(contender.name());
        if (cost != null) {
            cost.begin();
        }
        contender.receiver().forget();
        Receiver.Counts before = contender.receiver().counts();
        long sinkMicros = new Proc(contender.receiver().pid()).allMicros();
        double[] rate = turn(contender);
        TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
        Receiver.Counts after = contender.receiver().counts();
        sinkMicros = new Proc(contender.receiver().pid()).allMicros() - sinkMicros;
        rows.get(contender.name()).figures().merge(
                "sink cpu us/mail", (double) sinkMicros / contender.load().mails() / scene.options.rounds(), (a, b) -> (Double) a + (Double) b);
        if (cost != null) {
            cost.end(contender.load().mails());
        }
        rates.get(contender.name()).add(rate);
        seen(contender, before, after);
        return rate;
    }

    private void seen(Contender contender, Receiver.Counts before, Receiver.Counts after) {
        Map<String, Object> figures = rows.get(contender.name()).figures();
        long recipients = after.recipients() - before.recipients();
        if (recipients != contender.load().deliveries()) {
            scene.progress.say(contender.name() + " delivered " + recipients + " of " + contender.load().deliveries());
            figures.merge("twice", recipients - contender.load().deliveries(), (a, b) -> (Long) a + (Long) b);
        }
        if (after.connections() >= 0) {
            figures.merge("connections opened", after.connections() - before.connections(), (a, b) -> (Long) a + (Long) b);
            figures.merge("connections at most", after.mostOpen(), (a, b) -> Math.max((Long) a, (Long) b));
            figures.merge("TLS handshakes", after.handshakes() - before.handshakes(), (a, b) -> (Long) a + (Long) b);
            figures.put("recipients/transaction", (double) recipients / (after.mails() - before.mails()));
        }
    }

    /** Mails accepted and recipients delivered a second. */
    private double[] turn(Contender contender) throws Exception {
        try {
            return race(contender);
        } catch (IllegalStateException e) {
            String lastWords = contender.server() instanceof Postroad ? ((Postroad) contender.server()).lastWords() : "";
            throw new IllegalStateException(contender.name() + ": " + e.getMessage() + lastWords, e);
        }
    }

    private double[] race(Contender contender) throws Exception {
        Load load = contender.load();
        long from = contender.receiver().counts().recipients();
        long start = System.nanoTime();
        contender.sender().start(contender.server().port(), load);
        long acceptedAt = 0;
        long seen = from;
        for (long changedAt = start; acceptedAt == 0 || seen < from + load.deliveries(); ) {
            TimeUnit.MILLISECONDS.sleep(2);
            long now = System.nanoTime();
            long count = contender.receiver().counts().recipients();
            if (acceptedAt == 0 && contender.sender().isDone()) {
                acceptedAt = now;
                changedAt = now;
            }
            if (count != seen) {
                seen = count;
                changedAt = now;
            } else if (now - changedAt > STALL_NANOS || contender.server().isDead()) {
                throw new IllegalStateException("stalled: %d of %d recipients arrived, %s accepted"
                        .formatted(seen - from, load.deliveries(), acceptedAt == 0 ? "not all" : "all"));
            }
        }
        double deliveredIn = (System.nanoTime() - start) / 1e9;
        return new double[] {load.mails() / ((acceptedAt - start) / 1e9), load.deliveries() / deliveredIn};
    }

    private void sum(Contender contender) throws Exception {
        Map<String, Object> figures = rows.get(contender.name()).figures();
        Map<String, Object> seen = new LinkedHashMap<>(figures);
        figures.clear();
        List<double[]> all = rates.get(contender.name());
        double[] accepted = all.stream().mapToDouble(rate -> rate[0]).toArray();
        double[] delivered = all.stream().mapToDouble(rate -> rate[1]).toArray();
        figures.put("load", contender.load().words());
        figures.put("accepted/s", median(accepted));
        figures.put("delivered/s", median(delivered));
        figures.put("accepted/s by round", accepted);
        figures.put("delivered/s by round", delivered);
        Costs cost = costs.get(contender.name());
        if (cost != null) {
            figures.putAll(cost.figures());
            if (profiles.containsKey(contender.server())) {
                figures.put("profile", profiles.get(contender.server()).of(cost.span()));
            }
        }
        figures.putAll(seen);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
