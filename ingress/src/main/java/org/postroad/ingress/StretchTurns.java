package org.postroad.ingress;

import io.netty.util.concurrent.EventExecutor;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose turn it is to gather a stretch of large content: some messages at a time, so that memory is bounded, each until its
 * stretch is full. Those that wait are not read from meanwhile.
 *
 * <p>Content of hundreds of clients that is appended as it comes lies in Kafka chunk beside chunk, and whoever reads one message
 * reads them all. A client too slow to fill its stretch keeps its turn only while nobody waits for it. Confined to its loop.
 */
final class StretchTurns {
    private static final Logger LOG = LoggerFactory.getLogger(StretchTurns.class);

    /** A client that sends 3 MB/s fills a stretch in that time. */
    static final long TURN_NANOS = 250_000_000L;

    private static final long LOOK_MILLIS = 100;

    private final int atOnce;
    private final EventExecutor loop;
    private final Map<ChunkWriter, Long> gathering = new LinkedHashMap<>();
    private final Set<ChunkWriter> waiting = new LinkedHashSet<>();
    private boolean looks;

    StretchTurns(int atOnce, EventExecutor loop) {
        this.atOnce = atOnce;
        this.loop = loop;
    }

    /** Whether it has the turn; if not, {@link ChunkWriter#turnCame} is called when it has. */
    boolean take(ChunkWriter writer) {
        if (gathering.size() < atOnce) {
            gathering.put(writer, now());
            return true;
        }
        waiting.add(writer);
        lookLater();
        return false;
    }

    /** It gathers no more, or does not want to any longer. */
    void end(ChunkWriter writer) {
        waiting.remove(writer);
        if (gathering.remove(writer) != null && !waiting.isEmpty()) {
            Iterator<ChunkWriter> longest = waiting.iterator();
            ChunkWriter next = longest.next();
            longest.remove();
            gathering.put(next, now());
            loop.execute(() -> {
                if (gathering.containsKey(next)) {
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
        List<ChunkWriter> slow = gathering.entrySet().stream()
                .filter(turn -> now - turn.getValue() > TURN_NANOS)
                .limit(waiting.size())
                .map(Map.Entry::getKey)
                .toList();
        for (ChunkWriter writer : slow) {
            try {
                writer.flush();
            } catch (RuntimeException bug) {
                LOG.atError().setCause(bug).log("a stretch of content could not be written");
                end(writer);
            }
        }
        if (!waiting.isEmpty()) {
            lookLater();
        }
    }

    private long now() {
        return loop.ticker().nanoTime();
    }
}
