package org.postroad.deploy.observer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.EventSum;
import org.postroad.deploy.operator.StoredEvent;
import org.postroad.schemas.Domain;
import org.postroad.schemas.Event;
import org.postroad.schemas.QueueIds;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Every event by message, recipient and Message-ID, and everybody who is under way by destination: a product of the events, which a
 * crash makes older and never wrong, since what was read and how far stand in one batch.
 *
 * <p>Confined to one thread. What was applied is seen by the answers once it is committed.
 */
final class Index implements AutoCloseable {
    /** Most mail is over soon after it came: then nobody has to be looked up, nor written at all. */
    private static final int REMEMBERED = 50_000;

    private final Store store;
    private final QueueCounts counts = new QueueCounts();
    private final Map<Integer, EventSum> sums = new HashMap<>();
    private final Map<Who, Known> known = new LinkedHashMap<>(REMEMBERED, 0.75f, true);
    private final List<Known> changed = new ArrayList<>();
    private WriteBatch batch = new WriteBatch();
    private String topic = "";

    /** One recipient. */
    private record Who(String queueId, int generation, String recipient) {}

    /** What is written of one, and what is to be. */
    private static final class Known {
        private final Who who;
        private @Nullable LiveRecipient written;
        private @Nullable LiveRecipient now;
        private boolean isChanged;

        private Known(Who who, @Nullable LiveRecipient written) {
            this.who = who;
            this.written = written;
            this.now = written;
        }
    }

    /** One who is under way, with what it is. */
    record Found(String queueId, int generation, String recipient, LiveRecipient state) {
        /** The last event that was told of it, as far as its row has it. */
        StoredEvent told() {
            boolean again = state.attempt() > 0 || state.code() > 0;
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put(
                            "event",
                            switch (state.state()) {
                                case IN_FLIGHT -> again ? "released" : "accepted";
                                case DEFERRED -> "deferred";
                                case UNTRIED -> "overflowed";
                                case HELD -> "held";
                            })
                    .put("queueId", queueId)
                    .put("generation", generation)
                    .put("at", Answers.text(state.atMillis()))
                    .put(state.code() > 0 ? "reply" : "reason", state.reply());
            json.putArray("recipients").add(recipient);
            if (state.code() > 0) {
                json.put("attempt", state.attempt()).put("code", state.code()).put("status", state.status());
            }
            return new StoredEvent(state.dueMillis() > 0 ? json.put("dueAt", Answers.text(state.dueMillis())) : json);
        }
    }

    private Index(Store store) {
        this.store = store;
    }

    /** Opens what is kept in a directory, and counts who is under way: some seconds for a million. */
    static Index open(Path directory) {
        Index index = new Index(Store.open(directory));
        try {
            index.load();
            return index;
        } catch (RuntimeException e) {
            index.batch.close();
            index.store.closeWithoutFlush();
            throw e;
        }
    }

    private void load() {
        byte[] named = store.get(Rows.TOPIC_KEY);
        topic = named == null ? "" : new String(named, UTF_8);
        byte[] newer = store.get(Rows.NEWER_KEY);
        if (newer != null && Stream.of(new String(newer, UTF_8).split(" ")).anyMatch(StoredEvent::isKnown)) {
            throw new UnfitIndexException("its maker did not know all kinds of events that are in it", null);
        }
        store.each(new byte[] {Rows.POSITION}, (key, value) -> {
            EventSum sum = EventSum.parse(new String(value, UTF_8));
            sums.put(Rows.partitionOf(key), sum == null ? new EventSum() : sum);
            return true;
        });
        store.each(new byte[] {Rows.LIVE}, (key, value) -> {
            counts.move(null, LiveRecipient.decode(value));
            return true;
        });
    }

    /** The id of the topic that it was made of; empty for none yet. */
    String topic() {
        return topic;
    }

    void setTopic(String id) {
        topic = id;
        put(Rows.TOPIC_KEY, id.getBytes(UTF_8));
    }

    /** Recipients that were changed and are not written yet. */
    int changed() {
        return changed.size();
    }

    /** What the events of each partition add up to, as far as they were applied; those of a partition may be added. */
    EventSum sum(int partition) {
        return sums.computeIfAbsent(partition, first -> new EventSum());
    }

    /** Whether events were deleted before they were read, so that mail may be missing. */
    boolean hasGaps() {
        return sums.values().stream().anyMatch(sum -> sum.gaps() > 0);
    }

    Map<Integer, EventSum> sums() {
        return sums;
    }

    QueueCounts counts() {
        return counts;
    }

    /** Takes an event in; what others wrote to the topic is passed over. Returns it, or null. */
    @Nullable
    ReadEvent apply(ConsumerRecord<byte[], byte[]> record) {
        ReadEvent event = record.value() == null ? null : ReadEvent.parse(record.value());
        if (event == null) {
            return null;
        }
        sum(record.partition()).add(new StoredEvent.Fate(event.kindText, event.recipients.size()));
        if (!event.isOfAMessage()) {
            return event;
        }
        put(Rows.event(event.queueId, record.partition(), record.offset()), record.value());
        if (event.kind != null) {
            applyKnown(event.kind, event);
            counts.hear(event);
        }
        return event;
    }

    private void applyKnown(Event.Kind kind, ReadEvent event) {
        switch (kind) {
            case ACCEPTED, GENERATED, REPLAYED -> {
                name(event);
                for (String recipient : event.recipients) {
                    String domain = Domain.canonical(recipient.substring(recipient.lastIndexOf('@') + 1));
                    change(unread(event, recipient), LiveRecipient.born(event, counts.destinationOf(domain)));
                }
            }
            case DELIVERED, FAILED, DROPPED, REJECTED ->
                event.recipients.forEach(recipient -> change(read(event, recipient), null));
            case DEFERRED, OVERFLOWED, HELD, RELEASED ->
                event.recipients.forEach(recipient -> {
                    Known its = read(event, recipient);
                    LiveRecipient before = its.now == null ? LiveRecipient.born(event, "") : its.now;
                    change(its, before.after(event));
                });
        }
    }

    /** The ways by which a message is found. */
    private void name(ReadEvent event) {
        event.recipients.forEach(recipient -> put(Rows.naming(Rows.RECIPIENT, recipient, event.queueId), NOTHING));
        if (!event.messageId.isEmpty()) {
            put(Rows.naming(Rows.MESSAGE_ID, event.messageId, event.queueId), NOTHING);
        }
        if (QueueIds.isQueueId(event.parent) && !event.parent.equals(event.queueId)) {
            put(Rows.child(event.parent, event.queueId), NOTHING);
        }
    }

    private static final byte[] NOTHING = {};

    /** One that comes into being now, of which nothing can be written. */
    private Known unread(ReadEvent event, String recipient) {
        return known.computeIfAbsent(new Who(event.queueId, event.generation, recipient), who -> new Known(who, null));
    }

    private Known read(ReadEvent event, String recipient) {
        return known.computeIfAbsent(new Who(event.queueId, event.generation, recipient), who -> {
            byte[] value = store.get(Rows.live(who.queueId(), who.generation(), who.recipient()));
            return new Known(who, value == null ? null : LiveRecipient.decode(value));
        });
    }

    private void change(Known its, @Nullable LiveRecipient to) {
        counts.move(its.now, to);
        its.now = to;
        if (!its.isChanged) {
            its.isChanged = true;
            changed.add(its);
        }
    }

    /** Writes all that was applied, and how far that is. */
    void commit() {
        changed.forEach(this::write);
        changed.clear();
        Set<String> newer = new TreeSet<>();
        sums.forEach((partition, sum) -> {
            put(Rows.position(partition), sum.text().getBytes(UTF_8));
            newer.addAll(sum.newer().keySet());
        });
        if (!newer.isEmpty()) {
            put(Rows.NEWER_KEY, String.join(" ", newer).getBytes(UTF_8));
        }
        store.write(batch);
        batch.close();
        batch = new WriteBatch();
        var eldest = known.entrySet().iterator();
        for (int more = known.size() - REMEMBERED; more > 0; more--) {
            eldest.next();
            eldest.remove();
        }
    }

    private void write(Known its) {
        its.isChanged = false;
        LiveRecipient now = its.now;
        LiveRecipient before = its.written;
        if (now == null && before == null) {
            known.remove(its.who);
            return;
        }
        byte[] key = Rows.live(its.who.queueId(), its.who.generation(), its.who.recipient());
        if (before != null && (now == null || !now.destination().equals(before.destination()))) {
            remove(Rows.byDestination(key, before.destination()));
        }
        if (now == null) {
            remove(key);
            known.remove(its.who);
        } else {
            put(key, now.encode());
            if (before == null || !now.destination().equals(before.destination())) {
                put(Rows.byDestination(key, now.destination()), NOTHING);
            }
        }
        its.written = now;
    }

    private void put(byte[] key, byte[] value) {
        try {
            batch.put(key, value);
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    private void remove(byte[] key) {
        try {
            batch.delete(key);
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A message, its bounces and its replays: itself first, then in the order of their ids, as far as an answer has room. */
    List<String> family(String queueId) {
        Set<String> messages = new LinkedHashSet<>(List.of(queueId));
        store.each(Rows.about(Rows.CHILD, queueId), (key, value) -> {
            messages.add(Rows.lastIdOf(key));
            return messages.size() < Answers.MOST;
        });
        return List.copyOf(messages);
    }

    /** What was told of a message, in the order in which it was written; the youngest where there is no room for all. */
    List<StoredEvent> events(String queueId, Budget budget) {
        List<StoredEvent> events = new ArrayList<>();
        store.eachBackwards(Rows.about(Rows.EVENT, queueId), (key, value) -> {
            StoredEvent event = budget.take(value.length) ? StoredEvent.parse(value) : null;
            if (event != null) {
                events.add(event);
            }
            return !budget.isCut();
        });
        Collections.reverse(events);
        return events;
    }

    /** The youngest messages that name this, the youngest first. */
    List<String> naming(byte kind, String name, long sinceMillis, int most) {
        List<String> ids = new ArrayList<>();
        store.eachBackwards(Rows.naming(kind, name), (key, value) -> {
            String id = Rows.lastIdOf(key);
            if (QueueIds.millisOf(id) >= sinceMillis) {
                ids.add(id);
            }
            return ids.size() < most && QueueIds.millisOf(id) >= sinceMillis;
        });
        return ids;
    }

    /** Who is under way of a message, until told to stop. */
    void eachOf(String queueId, BiPredicate<String, Found> reader) {
        store.each(Rows.about(Rows.LIVE, queueId), (key, value) -> {
            Found found = found(key, value);
            return reader.test(found.state().destination(), found);
        });
    }

    /** Who is under way to a destination, the oldest first, until told to stop. */
    void eachTo(String destination, BiPredicate<String, Found> reader) {
        byte[] prefix = Rows.naming(Rows.DESTINATION, destination);
        store.each(prefix, (key, nothing) -> {
            byte[] live = Rows.liveOf(key, prefix.length);
            byte[] value = store.get(live);
            return value == null || reader.test(destination, found(live, value));
        });
    }

    /** Everybody who is under way, the oldest first, until told to stop. */
    void eachLive(BiPredicate<String, Found> reader) {
        store.each(new byte[] {Rows.LIVE}, (key, value) -> {
            Found found = found(key, value);
            return reader.test(found.state().destination(), found);
        });
    }

    /** When the oldest that is under way to each of these destinations came, in milliseconds since 1970. */
    Map<String, Long> oldest(List<String> destinations) {
        Map<String, Long> oldest = new HashMap<>();
        List<byte[]> prefixes = destinations.stream()
                .sorted()
                .map(destination -> Rows.naming(Rows.DESTINATION, destination))
                .toList();
        store.firsts(prefixes, (key, nothing) -> {
            int end = Rows.endOfName(key);
            byte[] live = Rows.liveOf(key, end + 1);
            oldest.put(Rows.nameOf(key, end), QueueIds.millisOf(Rows.idOf(live)));
            return true;
        });
        return oldest;
    }

    private static Found found(byte[] liveKey, byte[] value) {
        return new Found(
                Rows.idOf(liveKey), Rows.generationOf(liveKey), Rows.recipientOf(liveKey), LiveRecipient.decode(value));
    }

    Expiry expiry() {
        return new Expiry(store);
    }

    @Override
    public void close() {
        batch.close();
        store.close();
    }
}
