package org.postroad.deliverer.poll;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.postroad.schemas.Body;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Event;
import org.postroad.schemas.InlineContent;
import org.postroad.schemas.Reception;
import org.postroad.schemas.Reject;
import org.postroad.schemas.Topics;

/** A record that nobody can read, kept for operators with an event about it. */
public final class Rejection {
    /** Nobody can say whose mail it was. */
    private static final String UNKNOWN_QUEUE_ID = "0".repeat(26);

    private Rejection() {}

    public static List<ProducerRecord<byte[], byte[]>> of(
            Topics topics, ConsumerRecord<byte[], byte[]> record, Exception cause, long nowMillis) {
        String why = String.valueOf(cause.getMessage());
        byte[] event = Event.of(Event.Kind.REJECTED, nowMillis, nobodys(), List.of())
                .with("reason", why)
                .with("source", record.topic() + "-" + record.partition() + "-" + record.offset())
                .toJson();
        return List.of(
                Reject.of(
                        topics, record.topic(), record.partition(), record.offset(), record.key(), record.value(), why),
                new ProducerRecord<>(topics.events().name(), UNKNOWN_QUEUE_ID.getBytes(UTF_8), event));
    }

    private static Envelope nobodys() {
        return new Envelope(
                UNKNOWN_QUEUE_ID,
                0,
                null,
                "",
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
                0L);
    }
}
