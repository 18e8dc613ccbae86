package org.postroad.ingress.idempotency;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.PostedRequest;

/**
 * The keys of a day, each with the first request that had it in the order of the log: every reader of the same records comes to the same.
 * The only clock that decides is the log's.
 *
 * <p>Written by the one reader of the log, asked by every event loop, each of which adds what it knows to be kept. Time is an argument,
 * in milliseconds since 1970.
 */
final class KnownRequests {
    static final Duration KNOWN = Duration.ofDays(1);

    /** Some 80 MB. */
    static final int MOST = 500_000;

    /** Later than the log's day by more than clocks differ: what is forgotten early would be claimed, and lose. */
    private static final long FORGET_LATER_MILLIS = 600_000;

    private final Map<Fingerprint, Known> byKey = new ConcurrentHashMap<>();
    private final Queue<Aged> oldestFirst = new ArrayDeque<>();

    /**
     * The first request with a key.
     *
     * @param queueId of its first mail
     * @param at by the log's clock
     * @param isKept whether Kafka has all its mail
     */
    record Known(Fingerprint content, String queueId, long at, boolean isKept) {}

    private record Aged(Fingerprint key, long at) {}

    /** Takes the next record of the log; answers with the first of its key. */
    Known take(PostedRequest request, long at) {
        Fingerprint key = Fingerprint.of(request.getKey());
        Known known = byKey.get(key);
        if (known == null || isOver(known, request, at)) {
            Known first = new Known(Fingerprint.of(request.getContent()), request.getQueueId(), at, request.getKept());
            byKey.put(key, first);
            oldestFirst.add(new Aged(key, at));
            return first;
        }
        if (!request.getKept() || known.isKept()) {
            return known;
        }
        Known kept = new Known(known.content(), known.queueId(), known.at(), true);
        byKey.put(key, kept);
        return kept;
    }

    /** After a day; or it was not the first: who says that mail is kept knew what was, and a reader that began late may not. */
    private static boolean isOver(Known known, PostedRequest request, long at) {
        boolean isAnother = !known.queueId().equals(request.getQueueId());
        return at - known.at() >= KNOWN.toMillis() || request.getKept() && isAnother;
    }

    /** Forgets what is older than a day. */
    void forget(long now) {
        long old = now - KNOWN.toMillis() - FORGET_LATER_MILLIS;
        for (Aged oldest = oldestFirst.peek(); oldest != null && oldest.at() <= old; oldest = oldestFirst.peek()) {
            oldestFirst.remove();
            long at = oldest.at();
            byKey.computeIfPresent(oldest.key(), (key, known) -> known.at() == at ? null : known);
        }
    }

    /** Kafka has all mail of a request of this node's: here that is known at once. */
    void markKept(Fingerprint key, String queueId) {
        byKey.computeIfPresent(
                key,
                (same, known) -> known.queueId().equals(queueId)
                        ? new Known(known.content(), queueId, known.at(), true)
                        : known);
    }

    /** Null for a key that nobody has used. */
    @Nullable
    Known of(Fingerprint key) {
        return byKey.get(key);
    }

    int size() {
        return byKey.size();
    }

    boolean isFull() {
        return byKey.size() >= MOST;
    }
}
