package org.postroad.deliverer.commit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Reject;
import org.postroad.schemas.Topics;

/**
 * A record that nobody can read, kept for operators with an event about it.
 *
 * <p>It was as large as a record may be, perhaps, and there is more to say now: so it is kept in parts when it has to be, for a
 * record that Kafka refuses would fail every batch that it is in.
 */
public final class Rejection {
    /** Header of a record that was kept in parts: "1/2". */
    static final String PART = "part";

    private static final int PART_OCTETS = Caps.RECORD_OCTETS;

    /** Ours are domains; of a stranger's, which may be a megabyte, the begin has to do. */
    private static final int KEY_OCTETS = 4_096;

    private Rejection() {}

    /** Where it stood, and its octets. */
    public record Source(TopicPartition partition, long offset, byte @Nullable [] key, byte @Nullable [] value) {
        public static Source of(ConsumerRecord<byte[], byte[]> record) {
            return new Source(
                    new TopicPartition(record.topic(), record.partition()),
                    record.offset(),
                    record.key(),
                    record.value());
        }
    }

    /** Of a record that nobody can read. */
    public static List<ProducerRecord<byte[], byte[]>> of(Topics topics, Source source, String why, long nowMillis) {
        return of(topics, source, null, why, nowMillis);
    }

    /** @param envelope what the record holds; null where nobody can read it */
    static List<ProducerRecord<byte[], byte[]>> of(
            Topics topics, Source source, @Nullable Envelope envelope, String why, long nowMillis) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(parts(topics, source, why));
        for (Reject.Told told : Reject.events(envelope, why, source.partition() + "-" + source.offset(), nowMillis)) {
            records.add(new ProducerRecord<>(topics.events().name(), told.key(), told.json()));
        }
        return records;
    }

    private static List<ProducerRecord<byte[], byte[]>> parts(Topics topics, Source source, String why) {
        byte[] key = source.key() != null && source.key().length > KEY_OCTETS
                ? Arrays.copyOf(source.key(), KEY_OCTETS)
                : source.key();
        byte[] value = source.value();
        int count = value == null ? 1 : Math.max(1, (value.length + PART_OCTETS - 1) / PART_OCTETS);
        List<ProducerRecord<byte[], byte[]>> parts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Headers headers = Reject.headers(
                    source.partition().topic(), source.partition().partition(), source.offset(), why);
            byte[] part = value;
            if (value != null && count > 1) {
                headers.add(PART, (i + 1 + "/" + count).getBytes(UTF_8));
                part = Arrays.copyOfRange(value, i * PART_OCTETS, Math.min(value.length, (i + 1) * PART_OCTETS));
            }
            parts.add(new ProducerRecord<>(topics.rejects().name(), null, null, key, part, headers));
        }
        return parts;
    }
}
