package org.postroad.deploy.observer;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deploy.operator.Cluster;
import org.postroad.deploy.operator.Span;
import org.postroad.deploy.operator.StoredEvent;
import org.postroad.deploy.operator.Story;
import org.postroad.deploy.operator.TopicScan;
import org.postroad.schemas.Ascii;
import org.postroad.schemas.QueueIds;

/** Finds messages by reading all events, where no observer has an index of them. */
public final class EventSearch {
    private static final int MOST_MESSAGES = 100;

    private final @Nullable String messageId;
    private final @Nullable String recipient;
    private final long sinceMillis;

    /**
     * Either a Message-ID or a recipient.
     *
     * @param since an instant; null for ever
     */
    public EventSearch(@Nullable String messageId, @Nullable String recipient, @Nullable String since) {
        this.messageId = messageId == null ? null : MessageIdText.bare(messageId);
        this.recipient = recipient == null ? null : Ascii.lower(recipient);
        this.sinceMillis = since == null ? 0 : Instant.parse(since).toEpochMilli();
    }

    /** The youngest messages that fit, the youngest first, each with its events and its bounces'; blocks. */
    public Map<String, List<StoredEvent>> in(Cluster cluster) {
        Map<TopicPartition, Span> spans = spans(cluster);
        TreeSet<String> youngest = new TreeSet<>();
        TopicScan.read(cluster.kafka(), spans, record -> {
            ReadEvent event = record.value() == null ? null : ReadEvent.parse(record.value());
            if (event != null && event.isOfAMessage() && fits(event)) {
                youngest.add(event.queueId);
                if (youngest.size() > MOST_MESSAGES) {
                    youngest.pollFirst();
                }
            }
        });
        Map<String, Deque<StoredEvent>> found = new LinkedHashMap<>();
        youngest.descendingSet().forEach(id -> found.put(id, new ArrayDeque<>()));
        if (!found.isEmpty()) {
            TopicScan.read(cluster.kafka(), spans, record -> {
                StoredEvent event = record.value() == null ? null : StoredEvent.parse(record.value());
                if (event != null) {
                    add(found.get(event.queueId()), event, Answers.MOST / found.size());
                    if (!event.text("parent").equals(event.queueId())) { // a replay is its own parent
                        add(found.get(event.text("parent")), event, Answers.MOST / found.size());
                    }
                }
            });
        }
        Map<String, List<StoredEvent>> stories = new LinkedHashMap<>();
        found.forEach((id, events) ->
                stories.put(id, events.stream().sorted(Story.byMessage(id)).toList()));
        return stories;
    }

    /** All messages together have as much room as one answer; of each the youngest events stay. */
    private static void add(@Nullable Deque<StoredEvent> events, StoredEvent event, int most) {
        if (events != null) {
            events.addLast(event);
            if (events.size() > most) {
                events.removeFirst();
            }
        }
    }

    private boolean fits(ReadEvent event) {
        if (QueueIds.millisOf(event.queueId) < sinceMillis) {
            return false;
        }
        return messageId == null
                ? event.recipients.stream().anyMatch(each -> Ascii.lower(each).equals(recipient))
                : event.messageId.equals(messageId);
    }

    private Map<TopicPartition, Span> spans(Cluster cluster) {
        Map<TopicPartition, Span> all =
                cluster.writtenSpans(cluster.topics().events().name());
        Map<TopicPartition, Span> spans = new HashMap<>();
        Map<TopicPartition, Long> from = cluster.offsets(all.keySet(), OffsetSpec.forTimestamp(sinceMillis));
        all.forEach((partition, span) -> {
            long offset = from.getOrDefault(partition, -1L);
            // A negative offset: nothing is as young as that.
            spans.put(partition, new Span(offset < 0 ? span.to() : Math.max(offset, span.from()), span.to()));
        });
        return spans;
    }
}
