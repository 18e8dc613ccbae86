package org.postroad.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A system with its load and both ends of the road, which remembers its measured rounds. */
final class Contender {
    /** Mails accepted and recipients delivered a second. */
    record Rate(double accepted, double delivered) {
        @Override
        public String toString() {
            return "%,.0f/s accepted, %,.0f/s delivered".formatted(accepted, delivered);
        }
    }

    /** Nothing accepted and nothing delivered for so long is a failure. */
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Commits and acknowledgements of a round belong to its costs. */
    private static final long SETTLE_MILLIS = 200;

    final String name;
    final Server server;
    private final Load load;
    private final Sender sender;
    private final Receiver receiver;
    private final Arrivals arrivals;
    private final List<Rate> rates = new ArrayList<>();
    private @Nullable Costs costs; // of a Postroad, once warm
    private @Nullable Profile profile;

    Contender(String name, Server server, Load load, Sender sender, Receiver receiver) {
        this.name = name;
        this.server = server;
        this.load = load;
        this.sender = sender;
        this.receiver = receiver;
        this.arrivals = new Arrivals(receiver);
    }

    /** The warm-up is over; the profile is null where none is wanted. */
    void measure(@Nullable Profile wanted) throws Exception {
        profile = wanted;
        if (server instanceof Postroad postroad) {
            costs = new Costs(postroad, wanted == null ? Map.of() : Profile.threads(postroad.pid()));
        }
    }

    Rate measuredRound() throws Exception {
        if (costs != null) {
            costs.begin();
        }
        arrivals.begin();
        Rate rate = round();
        TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
        arrivals.end(load.deliveries());
        if (costs != null) {
            costs.end(load.mails());
        }
        rates.add(rate);
        return rate;
    }

    Rate round() throws Exception {
        try {
            return race();
        } catch (IllegalStateException e) {
            throw new IllegalStateException(name + ": " + e.getMessage() + server.lastWords(), e);
        }
    }

    private Rate race() throws Exception {
        long from = receiver.counts().recipients();
        long start = System.nanoTime();
        sender.start(server.port(), load);
        long acceptedAt = 0;
        long seen = from;
        long changedAt = start;
        while (acceptedAt == 0 || seen < from + load.deliveries()) {
            TimeUnit.MILLISECONDS.sleep(2);
            long now = System.nanoTime();
            long count = receiver.counts().recipients();
            if (acceptedAt == 0 && sender.isDone()) {
                acceptedAt = now;
                changedAt = now;
            }
            if (count != seen) {
                seen = count;
                changedAt = now;
            } else if (now - changedAt > STALL_NANOS || server.isDead()) {
                throw new IllegalStateException("stalled: %,d of %,d recipients arrived, %s mails accepted"
                        .formatted(seen - from, load.deliveries(), acceptedAt == 0 ? "not all" : "all"));
            }
        }
        double deliveredIn = (System.nanoTime() - start) / 1e9;
        return new Rate(load.mails() / ((acceptedAt - start) / 1e9), load.deliveries() / deliveredIn);
    }

    Row row(String of) throws Exception {
        Map<String, Object> figures = new LinkedHashMap<>();
        double[] accepted = rates.stream().mapToDouble(Rate::accepted).toArray();
        double[] delivered = rates.stream().mapToDouble(Rate::delivered).toArray();
        figures.put("load", load.words());
        figures.put("accepted/s", Rounds.median(accepted));
        figures.put("delivered/s", Rounds.median(delivered));
        figures.put("accepted/s by round", accepted);
        figures.put("delivered/s by round", delivered);
        figures.putAll(arrivals.figures());
        if (costs != null) {
            figures.putAll(costs.figures());
            if (profile != null) {
                figures.put("profile", profile.of(costs.span()));
            }
        }
        return new Row(of, name, figures);
    }
}
