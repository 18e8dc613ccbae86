package org.postroad.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** A record nobody can read, kept as it was, with why and from where in its headers. */
public final class Reject {
    public static final String WHY = "why";
    public static final String TOPIC = "topic";
    public static final String PARTITION = "partition";
    public static final String OFFSET = "offset";

    private Reject() {}

    public static ProducerRecord<byte[], byte[]> of(
            Topics topics, String topic, int partition, long offset, byte[] key, byte[] value, String why) {
        return new ProducerRecord<>(
                topics.rejects().name(), null, null, key, value, headers(topic, partition, offset, why));
    }

    public static Headers headers(String topic, int partition, long offset, String why) {
        return new RecordHeaders()
                .add(WHY, Caps.cut(why, Caps.REPLY_TEXT_OCTETS).getBytes(UTF_8))
                .add(TOPIC, topic.getBytes(UTF_8))
                .add(PARTITION, Integer.toString(partition).getBytes(UTF_8))
                .add(OFFSET, Long.toString(offset).getBytes(UTF_8));
    }
}
