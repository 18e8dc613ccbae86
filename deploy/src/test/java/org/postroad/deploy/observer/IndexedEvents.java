package org.postroad.deploy.observer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.Mails;
import org.postroad.schemas.Event;
import org.postroad.schemas.LastReply;
import org.postroad.schemas.QueueIds;
import org.postroad.testkit.ManualClock;

/** Events as nodes write them, applied to an index in order. */
final class IndexedEvents {
    static final long NOW = 1_780_000_000_000L;

    final ManualClock clock = new ManualClock(java.time.Instant.ofEpochMilli(NOW));
    private final QueueIds ids = new QueueIds(clock, new Random(7));
    private long offset;

    /** How far the clock of the node that writes is ahead. */
    long aheadMillis;

    String id() {
        return ids.next();
    }

    /** The next record of partition 0. */
    ConsumerRecord<byte[], byte[]> record(byte @Nullable [] json) {
        return new ConsumerRecord<>("events", 0, offset++, "key".getBytes(UTF_8), json);
    }

    byte[] json(Event.Kind kind, String id, UnaryOperator<Event> more, String... recipients) {
        Event event = Event.of(
                kind, clock.millis() + aheadMillis, Mails.envelope(id, recipients), Mails.recipients(recipients));
        return more.apply(event).toJson();
    }

    void put(Index index, Event.Kind kind, String id, UnaryOperator<Event> more, String... recipients) {
        index.apply(record(json(kind, id, more, recipients)));
        index.sum(0).reached(offset);
    }

    void accept(Index index, String id, String... recipients) {
        put(index, Event.Kind.ACCEPTED, id, event -> event, recipients);
    }

    void deliver(Index index, String id, String destination, String... recipients) {
        put(index, Event.Kind.DELIVERED, id, event -> delivered(event, destination), recipients);
    }

    Event delivered(Event event, String destination) {
        return event.with("destination", destination)
                .with("attempt", 1)
                .reply(new LastReply(250, "2.0.0", "queued as 4711", "mx.test[192.0.2.1]:25", 0L));
    }

    void defer(Index index, String id, String destination, long dueMillis, String... recipients) {
        put(index, Event.Kind.DEFERRED, id, event -> deferred(event, destination, dueMillis), recipients);
    }

    Event deferred(Event event, String destination, long dueMillis) {
        return event.with("destination", destination)
                .with("attempt", 1)
                .reply(new LastReply(451, "4.7.1", "come again", "mx.test[192.0.2.1]:25", 0L))
                .at("dueAt", dueMillis);
    }

    static List<?> list(Object answer, String field) {
        return (List<?>) java.util.Objects.requireNonNull(((java.util.Map<?, ?>) answer).get(field));
    }
}
