package org.postroad.router;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Reject;

/** One record to be written, before anything of its input has been written. */
record Output(Sink sink, byte @Nullable [] key, byte @Nullable [] value, Headers headers) {

    /** Ours are destinations and queue ids; what Kafka leaves room for beside a value. */
    private static final int KEY_OCTETS = 4_096;

    /** The topics that the router writes; the names of the topology's sinks. */
    enum Sink {
        OUTBOUND,
        AGAIN,
        EVENTS,
        REJECTS
    }

    static Output of(Sink sink, byte[] key, byte[] value) {
        return new Output(sink, key, value, new RecordHeaders());
    }

    static Output of(Reject.Told event) {
        return of(Sink.EVENTS, event.key(), event.json());
    }

    /** A record nobody can handle, as it was; cut only where it would no longer fit its topic. */
    static Output reject(Source from, byte @Nullable [] key, byte @Nullable [] value, String why) {
        return reject(Reject.headers(from.topic(), from.partition(), from.offset(), why), key, value);
    }

    static Output reject(Headers headers, byte @Nullable [] key, byte @Nullable [] value) {
        return new Output(Sink.REJECTS, Reject.key(key), Reject.value(value), headers);
    }

    /** Whether Kafka would refuse it, and every repetition of it. */
    boolean isTooLarge() {
        return value != null && value.length > Caps.RECORD_OCTETS || key != null && key.length > KEY_OCTETS;
    }

    void forward(ProcessorContext<byte[], byte[]> context) {
        context.forward(new Record<>(key, value, context.currentSystemTimeMs(), headers), sink.name());
    }
}
