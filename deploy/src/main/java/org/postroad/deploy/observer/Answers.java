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
import org.postroad.schemas.Domain;
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

    /** Throws IllegalStateException when the index is new and nothing could be read yet: that is no answer. */
    void requireSomeRead() {
        if (index.topic().isEmpty()) {
            throw new IllegalStateException("nothing has been read from Kafka yet");
        }
    }

    /** Whether what is answered may lack mail: events were deleted before they were read. */
    boolean haveGaps() {
        return index.hasGaps();
    }

    /** All destinations to which somebody is under way, the fullest first. */
    Map<String, Object> queue(long nowMillis, int most) {
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
     * @param named a roll-up's name as it is written, or a domain in any form
     * @param selector null for all
     */
    Map<String, Object> queueOf(String named, @Nullable Selector selector, long nowMillis, int most) {
        String destination = destination(index.counts(), named);
        DestinationCount count = index.counts().destinations().getOrDefault(destination, new DestinationCount());
        Map<String, Object> answer =
                new LinkedHashMap<>(QueueRow.of(destination, count, oldest(destination), nowMillis));
        list(answer, reader -> index.eachTo(destination, reader), selector, nowMillis, most);
        return answer;
    }

    /** Which destination is meant by a name. */
    static String destination(QueueCounts counts, String named) {
        return counts.destinations().containsKey(named) ? named : Domain.canonical(named);
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
            place = reader -> index.eachTo(destination(index.counts(), destination), reader);
        }
        list(answer, place, selector, nowMillis, most);
        return answer;
    }

    /** Where recipients are found. */
    private interface Place {
        void each(BiPredicate<String, Index.Found> reader);
    }

    /** Who is meant, and whether there are more than may be named. */
    private static void list(
            Map<String, Object> answer, Place place, @Nullable Selector selector, long nowMillis, int most) {
        List<Map<String, Object>> list = new ArrayList<>();
        int limit = Math.min(most, MOST);
        boolean[] more = {false};
        place.each((destination, found) -> {
            boolean meant = selector == null || Meant.is(selector, found);
            more[0] = meant && list.size() >= limit;
            if (meant && !more[0]) {
                list.add(QueueRow.of(found, nowMillis));
            }
            return !more[0];
        });
        answer.put("list", list);
        answer.put("more", more[0]);
    }

    /**
     * All that is known of a message, its bounces and its replays; with no events where it is not known. Clocks of nodes differ, and the
     * events of a message have one partition: in whose order they stay.
     */
    Map<String, Object> message(String queueId, long nowMillis) {
        return message(queueId, nowMillis, new Budget(), new Budget());
    }

    private Map<String, Object> message(String queueId, long nowMillis, Budget eventsLeft, Budget underWayLeft) {
        List<Index.Found> underWay = new ArrayList<>();
        List<StoredEvent> events = new ArrayList<>();
        for (String message : index.family(queueId)) {
            index.eachOf(
                    message,
                    (destination, found) -> underWayLeft.take(found.recipient().length()) && underWay.add(found));
            events.addAll(index.events(message, eventsLeft));
        }
        List<StoredEvent> told = new ArrayList<>();
        if (eventsLeft.isCut()) {
            underWay.forEach(found -> told.add(found.told()));
        }
        told.addAll(events);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("queueId", queueId);
        answer.put("why", Why.of(told, queueId, nowMillis));
        answer.put("events", events.stream().map(StoredEvent::json).toList());
        answer.put(
                "underWay",
                underWay.stream().map(found -> QueueRow.of(found, nowMillis)).toList());
        answer.put("more", eventsLeft.isCut() || underWayLeft.isCut());
        return answer;
    }

    /**
     * The youngest messages with this Message-ID, or for this recipient; the youngest first.
     *
     * @param sinceMillis messages that came earlier are left out
     */
    Map<String, Object> search(boolean byMessageId, String name, long sinceMillis, long nowMillis) {
        byte kind = byMessageId ? Rows.MESSAGE_ID : Rows.RECIPIENT;
        List<String> found = index.naming(kind, name, sinceMillis, MOST_MESSAGES + 1);
        List<Map<String, Object>> messages = new ArrayList<>();
        Budget events = new Budget();
        Budget underWay = new Budget();
        while (messages.size() < Math.min(found.size(), MOST_MESSAGES) && !events.isCut() && !underWay.isCut()) {
            messages.add(message(found.get(messages.size()), nowMillis, events, underWay));
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("messages", messages);
        answer.put("more", messages.size() < found.size() || events.isCut() || underWay.isCut());
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
