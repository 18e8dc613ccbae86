package org.postroad.deploy.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Parent;
import org.postroad.schemas.QueueIds;

/**
 * Everything that is known of one message, its bounce and its replays.
 *
 * @param events by message, and of each in the order in which they were written
 * @param waiting where some of it still is, in words
 */
public record Story(List<StoredEvent> events, List<String> waiting) {
    /** Clocks of nodes and brokers differ by less. */
    private static final long CLOCK_SKEW_MILLIS = 60_000;

    public boolean isEmpty() {
        return events.isEmpty() && waiting.isEmpty();
    }

    /**
     * Reads it from the topics, from the instant that the queue id was made, in bounded memory: only what is told of it is kept.
     *
     * @param schemas learn what the control topic teaches
     */
    public static Story of(String queueId, Cluster cluster, KnownSchemas schemas) {
        Cut cut = cluster.cut();
        new ControlTopic(cluster.kafka(), cluster.topics(), schemas).learn();
        List<String> waiting = parked(queueId, new Waiting(cluster, cut, schemas));
        // What was released from there is looked for where it came to, so the ends are asked again, and again for the
        // events.
        waiting.addAll(waiting(queueId, new Waiting(cluster, cut.reaching(ends(cluster, cut)), schemas)));
        return new Story(events(queueId, cluster, cut.reaching(ends(cluster, cut))), waiting);
    }

    private static Map<TopicPartition, Long> ends(Cluster cluster, Cut cut) {
        return cluster.writtenEnds(cut.ends().keySet());
    }

    private static List<StoredEvent> events(String queueId, Cluster cluster, Cut cut) {
        byte[] needle = queueId.getBytes(UTF_8);
        List<StoredEvent> found = new ArrayList<>();
        TopicScan.read(cluster.kafka(), spans(queueId, cluster, cut), record -> {
            if (record.value() != null && contains(record.value(), needle)) {
                StoredEvent event = StoredEvent.parse(record.value());
                if (event != null && isAbout(event, queueId)) {
                    found.add(event);
                }
            }
        });
        found.sort(byMessage(queueId));
        return found;
    }

    /**
     * A message first, then its bounces in the order of their ids. Within a message events stay in the order in which its partition has
     * them: clocks of nodes differ, and by them it might be delivered before it was accepted.
     */
    public static Comparator<StoredEvent> byMessage(String queueId) {
        return Comparator.comparing(event -> event.queueId().equals(queueId) ? "" : event.queueId());
    }

    private static boolean isAbout(StoredEvent event, String queueId) {
        return event.queueId().equals(queueId) || event.text("parent").equals(queueId);
    }

    private static Map<TopicPartition, Span> spans(String queueId, Cluster cluster, Cut cut) {
        Map<TopicPartition, Span> all = cut.all(cluster.topics().events().name());
        OffsetSpec since = OffsetSpec.forTimestamp(Math.max(0, QueueIds.millisOf(queueId) - CLOCK_SKEW_MILLIS));
        Map<TopicPartition, Span> spans = new HashMap<>();
        Map<TopicPartition, Long> committed = cluster.offsets(all.keySet(), OffsetSpec.latest());
        Map<TopicPartition, Long> offsets = cluster.offsets(all.keySet(), since);
        all.forEach((partition, span) -> {
            long offset = offsets.getOrDefault(partition, -1L);
            // A negative offset: nothing that was committed is as young as that.
            long from = offset < 0 ? committed.getOrDefault(partition, span.from()) : offset;
            spans.put(partition, new Span(Math.max(from, span.from()), span.to()));
        });
        return spans;
    }

    private static List<String> parked(String queueId, Waiting waiting) {
        List<String> places = new ArrayList<>();
        waiting.parked((envelope, kept) ->
                        place(queueId, kept ? "waiting for a newer router" : "waiting for DNS", envelope))
                .noted()
                .forEach(places::add);
        return places;
    }

    private static List<String> waiting(String queueId, Waiting waiting) {
        List<String> places = new ArrayList<>();
        waiting.onInbound(note(queueId, "accepted, not routed yet", places));
        waiting.onAgain(note(queueId, "due, not routed yet", places));
        waiting.onOutbound(
                delivery -> note(queueId, "routed to " + delivery.getDestination() + ", not finished", places)
                        .accept(delivery.getEnvelope()));
        waiting.onRetry(
                envelope -> note(
                                queueId,
                                "waiting until " + java.time.Instant.ofEpochMilli(envelope.getNotBefore()),
                                places)
                        .accept(envelope),
                note(queueId, "waiting for a newer deliverer", places));
        waiting.onHeld(note(queueId, "held until released", places));
        return places;
    }

    private static Consumer<Envelope> note(String queueId, String where, List<String> places) {
        return envelope -> {
            String place = place(queueId, where, envelope);
            if (place != null) {
                places.add(place);
            }
        };
    }

    /** Where an envelope waits, in words; null when it is neither the message nor its bounce. */
    private static @Nullable String place(String queueId, String where, Envelope envelope) {
        Parent parent = envelope.getParent();
        boolean its = envelope.getQueueId().equals(queueId);
        if (!its && (parent == null || !parent.getQueueId().equals(queueId))) {
            return null;
        }
        return (its ? "" : "bounce " + envelope.getQueueId() + " ") + where + ": "
                + String.join(
                        ", ",
                        envelope.getRecipients().stream()
                                .map(recipient -> recipient.getAddress())
                                .toList());
    }

    /** Far faster than a parser, and few events hold the id. */
    static boolean contains(byte[] octets, byte[] needle) {
        byte first = needle[0];
        for (int i = 0; i <= octets.length - needle.length; i++) {
            if (octets[i] == first && startsAt(octets, i, needle)) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsAt(byte[] octets, int at, byte[] needle) {
        for (int i = 1; i < needle.length; i++) {
            if (octets[at + i] != needle[i]) {
                return false;
            }
        }
        return true;
    }
}
