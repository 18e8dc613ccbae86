package org.postroad.deploy.observer;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.config.Suspension;
import org.postroad.schemas.Event;

/** Everybody who is under way, counted by destination; confined to one thread. */
public final class QueueCounts {
    /** Roll-ups put many domains into few destinations. */
    private static final int LEARNED_DOMAINS = 100_000;

    private final Map<String, DestinationCount> destinations = new HashMap<>();

    /** Which destination a domain was last seen to be queued by, where that is not the domain itself. */
    private final Map<String, String> learned = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > LEARNED_DOMAINS;
        }
    };

    private long all;

    /** Somebody is not where it was: null for nowhere. */
    void move(@Nullable LiveRecipient from, @Nullable LiveRecipient to) {
        if (from != null) {
            of(from.destination()).add(from, -1);
            all--;
        }
        if (to != null) {
            of(to.destination()).add(to, 1);
            all++;
        }
    }

    /** What else an event tells of its destination. */
    void hear(ReadEvent event) {
        if (event.destination.isEmpty()) {
            return;
        }
        if (event.domain.equals(event.destination)) {
            learned.remove(event.domain);
        } else if (!event.domain.isEmpty()) {
            learned.put(event.domain, event.destination);
        }
        DestinationCount count = of(event.destination);
        if (event.kind == Event.Kind.DELIVERED) {
            count.delivered(event.recipients.size(), event.atMillis);
        } else if (event.code > 0 && !event.isOfAJob) {
            count.replied(event.code + " " + event.status + " " + event.reply, event.atMillis);
        } else if (event.reason.startsWith(Suspension.WORDS)) {
            count.replied(event.reason, event.atMillis);
        }
    }

    private DestinationCount of(String destination) {
        return destinations.computeIfAbsent(destination, first -> new DestinationCount());
    }

    /** What mail for a domain will be queued by, as far as is known. */
    String destinationOf(String domain) {
        return learned.getOrDefault(domain, domain);
    }

    /** Forgets the destinations of which there is nothing to tell any more. */
    void forget(long nowMillis) {
        destinations.values().removeIf(count -> count.isOver(nowMillis));
    }

    Map<String, DestinationCount> destinations() {
        return destinations;
    }

    long all() {
        return all;
    }

    void clear() {
        destinations.clear();
        all = 0;
    }
}
