package org.postroad.deploy.operator;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.postroad.schemas.Event;
import org.postroad.schemas.KafkaSettings;

/** Recipients of all events so far, by what happened to them; goes on where it stopped, so a second cut costs little. */
public final class FateCount {
    private final KafkaSettings kafka;
    private final Map<TopicPartition, Long> passed = new HashMap<>();
    private final Map<String, Long> recipients = new HashMap<>();

    public FateCount(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    public void readTo(Map<TopicPartition, Span> events, Runnable progress) {
        Map<TopicPartition, Span> fresh = new HashMap<>();
        events.forEach((partition, span) -> {
            long from = Math.max(span.from(), passed.getOrDefault(partition, 0L));
            fresh.put(partition, new Span(from, span.to()));
            passed.put(partition, Math.max(span.to(), from));
        });
        TopicScan.read(kafka, fresh, record -> {
            StoredEvent.Fate fate = record.value() == null ? null : StoredEvent.fate(record.value());
            if (fate != null) {
                recipients.merge(fate.kind(), (long) fate.recipients(), Long::sum);
            }
            progress.run();
        });
    }

    public long of(Event.Kind kind) {
        return recipients.getOrDefault(kind.text(), 0L);
    }
}
