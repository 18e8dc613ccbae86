package org.postroad.deploy.observer;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.EventSum;
import org.postroad.deploy.operator.StoredEvent;
import org.postroad.schemas.Event;
import org.postroad.schemas.QueueIds;
import org.postroad.schemas.policy.Selector;

/**
 * What the index answers, as objects of JSON: the same for commands and for HTTP.
 *
 * <p>Confined to the thread of the index; an answer takes milliseconds, and one that looks at everybody some two seconds for a million.
 */
final class Answers {
    /** Rows, recipients or events of one answer. */
    static final int MOST = 10_000;

    /** Messages of one answer to a search. */
    private static final int MOST_MESSAGES = 100;

    /** Mail that is due or accepted is told of within minutes; by then a node has been restarted, and a backlog was told of. */
    private static final Duration OVERDUE = Duration.ofHours(1);

    /** The last attempt is the first after the lifetime, and the schedule's last wait may lie before it. */
    private static final Duration LAST_ATTEMPT = Duration.ofHours(6);

    private static final int SHOWN_OVERDUE = 10;

    private final Index index;
    private final Duration lifetime;

    /** @param lifetime how long mail is tried */
    Answers(Index index, Duration lifetime) {
        this.index = index;
        this.lifetime = lifetime;
    }

    /** All destinations to which somebody is under way, the fullest first. */
    Map<String, Object> queue(long nowMillis, int most) {
        index.counts().forget(nowMillis);
        return queue(index.counts(), nowMillis, most, index::oldest);
    }

    /**
     * The same of any counts.
     *
     * @param oldest tells of some destinations when their oldest came
     */
    static Map<String, Object> queue(
            QueueCounts counts, long nowMillis, int most, Function<List<String>, Map<String, Long>> oldest) {
        List<Map.Entry<String, DestinationCount>> busy = counts.destinations().entrySet().stream()
                .filter(entry -> entry.getValue().all() > 0)
                .sorted(Comparator.comparingInt((Map.Entry<String, DestinationCount> entry) ->
                                -entry.getValue().all())
                        .thenComparing(Map.Entry::getKey))
                .toList();
        List<Map.Entry<String, DestinationCount>> shown = busy.subList(0, Math.min(busy.size(), Math.min(most, MOST)));
        Map<String, Long> since =
                oldest.apply(shown.stream().map(Map.Entry::getKey).toList());
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("at", text(nowMillis));
        answer.put("recipients", counts.all());
        answer.put("destinationCount", busy.size());
        answer.put(
                "destinations",
                shown.stream()
                        .map(entry -> QueueRow.of(
                                entry.getKey(), entry.getValue(), since.getOrDefault(entry.getKey(), 0L), nowMillis))
                        .toList());
        return answer;
    }

    /**
     * One destination, and who of it is meant.
     *
     * @param selector null for all
     */
    Map<String, Object> queueOf(String destination, @Nullable Selector selector, long nowMillis, int most) {
        DestinationCount count = index.counts().destinations().getOrDefault(destination, new DestinationCount());
        Map<String, Object> answer =
                new LinkedHashMap<>(QueueRow.of(destination, count, oldest(destination), nowMillis));
        answer.put("list", list(reader -> index.eachTo(destination, reader), selector, nowMillis, most));
        return answer;
    }

    private long oldest(String destination) {
        return index.oldest(List.of(destination)).getOrDefault(destination, 0L);
    }

    /** Who is meant of everybody who is under way. */
    Map<String, Object> list(Selector selector, long nowMillis, int most) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("at", text(nowMillis));
        String destination = selector.words().get("destination");
        String queueId = selector.words().get("queue-id");
        Place place = index::eachLive;
        if (queueId != null && QueueIds.isQueueId(queueId)) {
            place = reader -> index.eachOf(queueId, reader);
        } else if (destination != null) {
            place = reader -> index.eachTo(org.postroad.schemas.Ascii.lower(destination), reader);
        }
        answer.put("list", list(place, selector, nowMillis, most));
        return answer;
    }

    /** Where recipients are found. */
    private interface Place {
        void each(BiPredicate<String, Index.Found> reader);
    }

    private static List<Map<String, Object>> list(Place place, @Nullable Selector selector, long nowMillis, int most) {
        List<Map<String, Object>> list = new ArrayList<>();
        int limit = Math.min(most, MOST);
        place.each((destination, found) -> {
            if (selector == null || Meant.is(selector, found)) {
                list.add(QueueRow.of(found, nowMillis));
            }
            return list.size() < limit;
        });
        return list;
    }

    /** All that is known of a message, its bounces and its replays; with no events where it is not known. */
    Map<String, Object> message(String queueId, long nowMillis) {
        List<StoredEvent> events = new ArrayList<>(index.events(queueId));
        events.sort(Comparator.comparing(StoredEvent::instant));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("queueId", queueId);
        answer.put("why", Why.of(events, queueId, nowMillis));
        answer.put("events", events.stream().map(StoredEvent::json).toList());
        answer.put(
                "underWay",
                index.live(queueId).stream()
                        .map(found -> QueueRow.of(found, nowMillis))
                        .toList());
        return answer;
    }

    /**
     * The youngest messages with this Message-ID, or for this recipient; the youngest first.
     *
     * @param sinceMillis messages that came earlier are left out
     */
    Map<String, Object> search(boolean byMessageId, String name, long sinceMillis, long nowMillis) {
        byte kind = byMessageId ? Rows.MESSAGE_ID : Rows.RECIPIENT;
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put(
                "messages",
                index.naming(kind, name, sinceMillis, MOST_MESSAGES).stream()
                        .map(id -> message(id, nowMillis))
                        .toList());
        return answer;
    }

    /** What all events so far add up to, and whom nothing was heard of for too long. */
    Map<String, Object> ledger(long nowMillis) {
        long inFlight = 0;
        long waiting = 0;
        long held = 0;
        long overdue = 0;
        for (DestinationCount count : index.counts().destinations().values()) {
            inFlight += count.inFlight;
            waiting += count.deferred + count.untried;
            held += count.held;
            overdue += count.dueBy(nowMillis - OVERDUE.toMillis()) + count.untoldSince(nowMillis - OVERDUE.toMillis());
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        long born =
                put(answer, Event.Kind.ACCEPTED) + put(answer, Event.Kind.GENERATED) + put(answer, Event.Kind.REPLAYED);
        long ended =
                put(answer, Event.Kind.DELIVERED) + put(answer, Event.Kind.FAILED) + put(answer, Event.Kind.DROPPED);
        answer.put("held", held);
        ended += put(answer, Event.Kind.REJECTED);
        answer.put("inFlight", inFlight + waiting);
        answer.put("waiting", waiting);
        long missing = born - ended - held - inFlight - waiting;
        answer.put("missing", missing);
        answer.put("balanced", missing == 0);
        answer.put("overdue", overdue);
        answer.put("pastLifetime", pastLifetime(nowMillis));
        answer.put(
                "unreadable",
                index.sums().values().stream().mapToLong(EventSum::unreadable).sum());
        answer.put(
                "gaps", index.sums().values().stream().mapToLong(EventSum::gaps).sum() > 0);
        return answer;
    }

    private long put(Map<String, Object> answer, Event.Kind kind) {
        long number =
                index.sums().values().stream().mapToLong(sum -> sum.of(kind)).sum();
        answer.put(kind.text(), number);
        return number;
    }

    /** The first of those whose time is over, and of whom nobody said so: an alarm, since their senders do not hear of it either. */
    private List<Map<String, Object>> pastLifetime(long nowMillis) {
        long before = nowMillis - lifetime.plus(LAST_ATTEMPT).toMillis();
        List<Map<String, Object>> past = new ArrayList<>();
        index.eachLive((destination, found) -> {
            if (QueueIds.millisOf(found.queueId()) >= before) {
                return false;
            }
            LiveRecipient state = found.state();
            if (state.state() != LiveRecipient.State.HELD && Math.max(state.bornMillis(), state.dueMillis()) < before) {
                past.add(QueueRow.of(found, nowMillis));
            }
            return past.size() < SHOWN_OVERDUE;
        });
        return past;
    }

    static String text(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }
}
