package org.postroad.ingress;

import io.netty.util.concurrent.EventExecutor;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Whose turn it is to gather a stretch of large content: some messages at a time, so that memory is bounded, each until its
 * stretch is full. Those that wait are not read from meanwhile.
 *
 * <p>Content of hundreds of clients that is appended as it comes lies in Kafka chunk beside chunk, and whoever reads one message
 * reads them all. A client too slow to fill its stretch keeps its turn only while nobody waits for it. Confined to its loop.
 */
final class StretchTurns {
    /** A client that sends 2 MB/s fills a stretch in that time. */
    static final long TURN_NANOS = 250_000_000L;

    private static final long LOOK_MILLIS = 100;

    private final int atOnce;
    private final EventExecutor loop;
    private final Map<Gatherer, Long> gathering = new LinkedHashMap<>();
    private final Set<Gatherer> waiting = new LinkedHashSet<>();
    private boolean looks;

    /** Who gathers; neither call throws. */
    interface Gatherer {
        /** Its turn has come; in a task of its own. */
        void turnCame();

        /** It has taken long and others wait: it writes what it has, and ends its turn. */
        void turnOver();
    }

    StretchTurns(int atOnce, EventExecutor loop) {
        this.atOnce = atOnce;
        this.loop = loop;
    }

    boolean has(Gatherer gatherer) {
        return gathering.containsKey(gatherer);
    }

    boolean isAwaitedBy(Gatherer gatherer) {
        return waiting.contains(gatherer);
    }

    /** Whether it has the turn; if not, it is told when it has. */
    boolean take(Gatherer gatherer) {
        if (has(gatherer)) {
            return true;
        }
        if (gathering.size() < atOnce) {
            gathering.put(gatherer, now());
            return true;
        }
        waiting.add(gatherer);
        lookLater();
        return false;
    }

    /** It gathers no more, or does not want to any longer. */
    void end(Gatherer gatherer) {
        waiting.remove(gatherer);
        if (gathering.remove(gatherer) != null && !waiting.isEmpty()) {
            Iterator<Gatherer> longest = waiting.iterator();
            Gatherer next = longest.next();
            longest.remove();
            gathering.put(next, now());
            loop.execute(() -> {
                if (has(next)) {
                    next.turnCame();
                }
            });
        }
    }

    private void lookLater() {
        if (!looks) {
            looks = true;
            var unused = loop.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Ends the turns that have lasted too long, as many as are wanted. */
    private void look() {
        looks = false;
        long now = now();
        List<Gatherer> slow = gathering.entrySet().stream()
                .filter(turn -> now - turn.getValue() > TURN_NANOS)
                .limit(waiting.size())
                .map(Map.Entry::getKey)
                .toList();
        slow.forEach(Gatherer::turnOver);
        if (!waiting.isEmpty()) {
            lookLater();
        }
    }

    private long now() {
        return loop.ticker().nanoTime();
    }
}
