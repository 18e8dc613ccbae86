package org.postroad.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** A record nobody can read, kept as it was, with why and from where in its headers. */
public final class Reject {
    public static final String WHY = "why";
    public static final String TOPIC = "topic";
    public static final String PARTITION = "partition";
    public static final String OFFSET = "offset";

    private static final int KEY_OCTETS = 4 * 1024;

    private Reject() {}

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
