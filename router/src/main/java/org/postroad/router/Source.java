package org.postroad.router;

import org.apache.kafka.streams.processor.api.RecordMetadata;

/** The place of a record on its topic. */
record Source(String topic, int partition, long offset) {
    static Source of(RecordMetadata from) {
        return new Source(from.topic(), from.partition(), from.offset());
    }

    @Override
    public String toString() {
        return topic + "-" + partition + "-" + offset;
    }
}
