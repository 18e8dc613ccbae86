package org.postroad.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * A record nobody can handle, kept as it was, with why and from where in its headers; and the events about it, which name its
 * recipients where they can be read.
 */
public final class Reject {
    public static final String WHY = "why";
    public static final String TOPIC = "topic";
    public static final String PARTITION = "partition";
    public static final String OFFSET = "offset";

    private static final int KEY_OCTETS = 4 * 1024;

    /** Nobody can say whose mail it was. */
    private static final String UNKNOWN_QUEUE_ID = "0".repeat(26);

    private Reject() {}

    /** An event as a record of the events topic. */
    public record Told(byte[] key, byte[] json) {}

    /**
     * What is told of a rejected record: an event for each hundred of its recipients, so that each fits its topic whoever wrote the
     * record, or one that names none.
     *
     * @param envelope of the record; null where it could not be read
     * @param source where it stood, "topic-partition-offset"
     * @param nowMillis milliseconds since 1970
     */
    public static List<Told> events(@Nullable Envelope envelope, String why, String source, long nowMillis) {
        return about(Event.Kind.REJECTED, envelope, nowMillis, event -> event.with(
                        "reason", Caps.cut(why, Caps.REPLY_TEXT_OCTETS))
                .with("source", source));
    }

    /** That a record which is rejected was accepted: what the road has not told before it would be missing without it. */
    public static List<Told> acceptance(Envelope envelope) {
        return about(Event.Kind.ACCEPTED, envelope, envelope.getReceived().getAt(), event -> event);
    }

    private static List<Told> about(
            Event.Kind kind, @Nullable Envelope envelope, long atMillis, UnaryOperator<Event> more) {
        Envelope its = envelope == null ? nobodys("", UNKNOWN_QUEUE_ID, 0, null) : bounded(envelope);
        List<Recipient> recipients = envelope == null ? List.of() : envelope.getRecipients();
        List<Told> told = new ArrayList<>();
        int from = 0;
        do {
            int to = Math.min(recipients.size(), from + Caps.DELIVERY_RECIPIENTS);
            List<Recipient> some =
                    recipients.subList(from, to).stream().map(Reject::bounded).toList();
            Event event = more.apply(Event.of(kind, atMillis, its, some));
            told.add(new Told(its.getQueueId().getBytes(UTF_8), event.toJson()));
            from = to;
        } while (from < recipients.size());
        return told;
    }

    /** What an event says of an envelope, and no more of it than ours ever have: others may write to our topics. */
    private static Envelope bounded(Envelope envelope) {
        Parent parent = envelope.getParent();
        return nobodys(
                Caps.cut(envelope.getReversePath(), Caps.ADDRESS_OCTETS),
                Caps.cut(envelope.getQueueId(), Caps.NAME_OCTETS),
                envelope.getGeneration(),
                parent == null ? null : new Parent(Caps.cut(parent.getQueueId(), Caps.NAME_OCTETS), parent.getCause()));
    }

    private static Recipient bounded(Recipient recipient) {
        return new Recipient(Caps.cut(recipient.getAddress(), Caps.ADDRESS_OCTETS), List.of(), null, 0, 0, null);
    }

    private static Envelope nobodys(String reversePath, String queueId, int generation, @Nullable Parent parent) {
        return new Envelope(
                queueId,
                generation,
                parent,
                reversePath,
                List.of(),
                null,
                null,
                Body.SEVEN_BIT,
                false,
                new Reception(0L, "", "", "", "", ""),
                null,
                null,
                null,
                Map.of(),
                ByteBuffer.allocate(0),
                new InlineContent(ByteBuffer.allocate(0)),
                0L,
                0L,
                null);
    }

    public static ProducerRecord<byte[], byte[]> of(
            Topics topics, String topic, int partition, long offset, byte[] key, byte[] value, String why) {
        return new ProducerRecord<>(
                topics.rejects().name(), null, null, key(key), value(value), headers(topic, partition, offset, why));
    }

    /** The key as it was, or its beginning: a compressed batch may hold a record larger than its topic takes alone. */
    public static byte @Nullable [] key(byte @Nullable [] key) {
        return beginning(key, KEY_OCTETS);
    }

    /** The value as it was, or its beginning. */
    public static byte @Nullable [] value(byte @Nullable [] value) {
        return beginning(value, Caps.RECORD_OCTETS);
    }

    private static byte @Nullable [] beginning(byte @Nullable [] octets, int most) {
        return octets == null || octets.length <= most ? octets : Arrays.copyOf(octets, most);
    }

    public static Headers headers(String topic, int partition, long offset, String why) {
        return new RecordHeaders()
                .add(WHY, Caps.cut(why, Caps.REPLY_TEXT_OCTETS).getBytes(UTF_8))
                .add(TOPIC, topic.getBytes(UTF_8))
                .add(PARTITION, Integer.toString(partition).getBytes(UTF_8))
                .add(OFFSET, Long.toString(offset).getBytes(UTF_8));
    }
}
