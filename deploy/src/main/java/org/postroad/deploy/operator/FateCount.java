package org.postroad.deploy.operator;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.postroad.schemas.Event;
import org.postroad.schemas.KafkaSettings;

/**
 * Recipients of all events so far, by what happened to them; goes on where it stopped, so a second cut costs little, and where
 * others stopped whose sums it is given. Confined to one thread.
 */
public final class FateCount {
    private final KafkaSettings kafka;
    private final Map<TopicPartition, EventSum> sums = new HashMap<>();

    public FateCount(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    /** Goes on from what was brought forward. */
    FateCount(KafkaSettings kafka, Map<TopicPartition, EventSum> broughtForward) {
        this(kafka);
        sums.putAll(broughtForward);
    }

    /**
     * Counts what was not counted before.
     *
     * @param events of each partition all that there is, to an offset before which all is decided
     * @param progress told of each event
     */
    public void readTo(Map<TopicPartition, Span> events, Runnable progress) {
        noteGaps(events);
        read(events, progress);
    }

    /** Goes on behind what was deleted uncounted, and at the begin of a topic that was made anew. */
    void noteGaps(Map<TopicPartition, Span> committed) {
        committed.forEach((partition, span) -> {
            EventSum sum = of(partition);
            if (sum.offset() < span.from() || sum.offset() > span.to()) {
                sum.missed(span.from());
            }
        });
    }

    /** Counts to the ends of these spans; one that was passed already is left alone. */
    void read(Map<TopicPartition, Span> events, Runnable progress) {
        Map<TopicPartition, Span> fresh = new HashMap<>();
        events.forEach(
                (partition, span) -> fresh.put(partition, new Span(of(partition).offset(), span.to())));
        fresh.values().removeIf(Span::isEmpty);
        Set<TopicPartition> deletedMeanwhile = TopicScan.read(kafka, fresh, record -> {
            StoredEvent.Fate fate = record.value() == null ? null : StoredEvent.fate(record.value());
            if (fate != null) {
                of(new TopicPartition(record.topic(), record.partition())).add(fate);
            }
            progress.run();
        });
        fresh.forEach((partition, span) -> {
            if (deletedMeanwhile.contains(partition)) {
                of(partition).missed(span.to());
            } else {
                of(partition).reached(span.to());
            }
        });
    }

    private EventSum of(TopicPartition partition) {
        return sums.computeIfAbsent(partition, first -> new EventSum());
    }

    public long of(Event.Kind kind) {
        return sums.values().stream().mapToLong(sum -> sum.of(kind)).sum();
    }

    /** Rejected records of which nobody knows the recipients. */
    long unreadable() {
        return sums.values().stream().mapToLong(EventSum::unreadable).sum();
    }

    /** Recipients of events of kinds that only newer nodes know. */
    Map<String, Long> newer() {
        Map<String, Long> newer = new TreeMap<>();
        sums.values().forEach(sum -> sum.newer().forEach((name, number) -> newer.merge(name, number, Long::sum)));
        return newer;
    }

    /** How often events were deleted before anybody counted them. */
    long gaps() {
        return sums.values().stream().mapToLong(EventSum::gaps).sum();
    }

    /** What each partition adds up to. */
    Map<TopicPartition, EventSum> sums() {
        return sums;
    }
}
