package org.postroad.deploy.operator;

import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Event;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Topics;

/**
 * One consistent cut through mail that moves, added up.
 *
 * <p>A cut is many answers of the cluster, one after another, and every move of mail is a producer transaction: it moves a mark (a
 * group's offset) and writes to several topics. Counted as it comes, mail that moves between two answers would be found twice, or
 * nowhere. So the answers have an order:
 *
 * <pre>
 *   1. settled ends    where all before is decided
 *   2. marks           every transaction of 1 is among them
 *   3. written ends of the router's changelog; then what was written there since 1 is read, which waits until it is decided
 *   4. written ends of the topics that mail waits in; then the same
 *   5. written ends of the events; then the same
 * </pre>
 *
 * What a mark caused is written before the mark is seen, so it lies before the ends of 3, 4 and 5: nothing that is well is found
 * nowhere. A released share's grave in the changelog is a mark in this sense too, so 3 comes before 4. Mail is found in two places
 * only when a transaction that is not among the marks was early enough for 3, 4 or 5, and then it was written after 1: those are the
 * {@link Moved}, some hundred milliseconds of mail, and each of their recipients is counted once.
 *
 * <p>What was created and is found nowhere is not counted when it is among the moved: its mail may be younger than 4. If it was
 * lost, the next cut finds that.
 *
 * <p>Used once, by one thread.
 */
final class Look {
    private final Cluster cluster;
    private final KnownSchemas schemas;
    private final FateCount fates;
    private final Runnable progress;
    private final Moved moved = new Moved(new Fingerprint(new SecureRandom().nextLong()));
    private final Map<Event.Kind, Long> ended = new EnumMap<>(Event.Kind.class);
    private boolean whole = true;

    /** @param progress told of each record that is counted */
    Look(Cluster cluster, KnownSchemas schemas, FateCount fates, Runnable progress) {
        this.cluster = cluster;
        this.schemas = schemas;
        this.fates = fates;
        this.progress = progress;
    }

    /** Whether all could be read that the cut shows, and the moved be told apart; else the sum says nothing. */
    boolean isWhole() {
        return whole && !moved.isTooMany();
    }

    Terms take() {
        Topics topics = cluster.topics();
        String events = topics.events().name();
        Map<TopicPartition, Long> settled = cluster.committedEnds();
        Cut cut = cluster.cut();
        Waiting changelog = new Waiting(cluster, cut, schemas);
        changelog.written(cut.since(settled, changelog::isParked), moved::add);
        cut = cut.reaching(cluster.writtenEnds(cut.partitions(this::holdsMail)));
        Waiting waiting = new Waiting(cluster, cut, schemas);
        waiting.written(cut.since(settled, this::holdsMail), moved::add);
        cut = cut.reaching(cluster.writtenEnds(cut.partitions(events::equals)));
        readEvents(cut.since(settled, events::equals));
        Terms terms = count(waiting, settledSpans(cut.all(events), settled));
        whole &= changelog.isWhole() && waiting.isWhole();
        return terms;
    }

    private boolean holdsMail(String topic) {
        Topics topics = cluster.topics();
        return topic.equals(topics.inbound().name())
                || topic.equals(topics.again().name())
                || topic.equals(topics.outbound().name())
                || topic.equals(topics.held().name())
                || topic.startsWith(topics.retryPrefix());
    }

    private void readEvents(Map<TopicPartition, Span> spans) {
        whole &= TopicScan.read(cluster.kafka(), spans, record -> {
                    StoredEvent event = record.value() == null ? null : StoredEvent.parse(record.value());
                    Event.Kind kind = event == null ? null : event.knownKind();
                    if (event != null && kind != null) {
                        readEvent(kind, event);
                    }
                })
                .isEmpty();
    }

    private void readEvent(Event.Kind kind, StoredEvent event) {
        switch (kind) {
            case ACCEPTED, GENERATED, REPLAYED -> moved.add(event);
            case DELIVERED, FAILED, DROPPED, REJECTED -> {
                moved.add(event);
                ended.merge(kind, (long) moved.meet(event), Long::sum);
            }
            default -> {} // its mail goes on, and is found where it is
        }
    }

    private static Map<TopicPartition, Span> settledSpans(
            Map<TopicPartition, Span> events, Map<TopicPartition, Long> settled) {
        Map<TopicPartition, Span> spans = new HashMap<>();
        events.forEach((partition, span) ->
                spans.put(partition, new Span(span.from(), settled.getOrDefault(partition, span.from()))));
        return spans;
    }

    private Terms count(Waiting waiting, Map<TopicPartition, Span> events) {
        long[] untold = {0};
        // First what moves fastest and is deleted soonest.
        long inbound = recipients(reader -> waiting.onInbound(envelope -> {
            untold[0] += moved.untold(envelope);
            reader.accept(envelope);
        }));
        long again = recipients(waiting::onAgain);
        long outbound = recipients(reader -> waiting.onOutbound(delivery -> reader.accept(delivery.getEnvelope())));
        long retry = recipients(waiting::onRetry);
        long held = recipients(waiting::onHeld);
        long parked = parked(waiting);
        fates.readTo(events, progress);
        return new Terms(
                born(Event.Kind.ACCEPTED) + untold[0],
                born(Event.Kind.GENERATED),
                born(Event.Kind.REPLAYED),
                ended(Event.Kind.DELIVERED),
                ended(Event.Kind.FAILED),
                ended(Event.Kind.DROPPED),
                held,
                ended(Event.Kind.REJECTED),
                inbound + again,
                parked,
                outbound,
                retry);
    }

    private long born(Event.Kind kind) {
        return fates.of(kind) + moved.born(kind);
    }

    private long ended(Event.Kind kind) {
        return fates.of(kind) + ended.getOrDefault(kind, 0L);
    }

    private long recipients(Consumer<Consumer<Envelope>> place) {
        long[] recipients = {0};
        place.accept(envelope -> {
            recipients[0] += moved.meet(envelope);
            progress.run();
        });
        return recipients[0];
    }

    private long parked(Waiting waiting) {
        Waiting.Parked<long[]> parked = waiting.parked((envelope, kept) -> {
            progress.run();
            return moved.keep(envelope);
        });
        long recipients = parked.recipients();
        for (long[] kept : parked.noted()) {
            recipients += moved.meet(kept);
        }
        return recipients;
    }
}
