package org.postroad.ingress;

import io.netty.util.concurrent.Ticker;
import java.util.concurrent.Executor;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Appends records to Kafka and tells, on the event loop, what became of each.
 *
 * <p>Confined to its loop; the producer is shared, and its callbacks come on its own thread and hop back.
 */
final class DurableLog {
    private final Producer<byte[], byte[]> producer;
    private final Executor loop;
    private final Ticker ticker;
    private final KafkaOutage outage;
    private final KafkaHealth health = new KafkaHealth();

    /** Hears of one record: where it is kept for good, or null when that is not certain. */
    interface Written {
        void done(@Nullable RecordMetadata kept);
    }

    DurableLog(Producer<byte[], byte[]> producer, Executor loop, Ticker ticker, KafkaOutage outage) {
        this.producer = producer;
        this.loop = loop;
        this.ticker = ticker;
        this.outage = outage;
    }

    /** Appends one record; {@code then} hears of it exactly once, never before this returns. */
    void append(ProducerRecord<byte[], byte[]> record, Written then) {
        health.sent(ticker.nanoTime());
        try {
            // The callback says it all; the future would say it again.
            var unused =
                    producer.send(record, (metadata, failure) -> loop.execute(() -> settle(metadata, failure, then)));
        } catch (RuntimeException e) {
            loop.execute(() -> settle(null, e, then));
        }
    }

    boolean isUnwell() {
        return health.refuses(ticker.nanoTime());
    }

    private void settle(@Nullable RecordMetadata metadata, @Nullable Exception failure, Written then) {
        // A retry that the broker knows as a duplicate may be acknowledged without an offset: kept, but where?
        boolean kept = failure == null && metadata != null && metadata.hasOffset();
        long now = ticker.nanoTime();
        if (kept) {
            health.kept(now);
            outage.kept(now);
        } else {
            health.failed(now);
            outage.failed(failure, now);
        }
        then.done(kept ? metadata : null);
    }
}
