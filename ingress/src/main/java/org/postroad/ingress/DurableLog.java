package org.postroad.ingress;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Appends records to Kafka and tells, on the event loop, what became of each: exactly once, whatever is thrown anywhere, and within a
 * time, even if the producer's own thread is dead.
 *
 * <p>Confined to its loop; the producer is shared, and its callbacks come on its own thread and are handed back to it.
 */
final class DurableLog {
    /** Three times what the producer itself needs to give a record up. */
    static final long MOST_NANOS = 30_000_000_000L;

    private final Producer<byte[], byte[]> producer;
    private final EventExecutor loop;
    private final Ticker ticker;
    private final KafkaOutage outage;
    private final KafkaHealth health = new KafkaHealth();
    private final ArrayDeque<Write> unanswered = new ArrayDeque<>();
    private boolean looks;

    /** Hears of one record: where it is kept for good, or null when that is not certain. */
    interface Written {
        void done(@Nullable RecordMetadata kept);
    }

    DurableLog(Producer<byte[], byte[]> producer, EventExecutor loop, Ticker ticker, KafkaOutage outage) {
        this.producer = producer;
        this.loop = loop;
        this.ticker = ticker;
        this.outage = outage;
    }

    EventExecutor loop() {
        return loop;
    }

    /**
     * Appends one record; {@code then} hears of it exactly once, never before this returns.
     *
     * @param onFault hears what {@code then} throws, which would else leave a client without an answer
     */
    void append(ProducerRecord<byte[], byte[]> record, Written then, Consumer<Throwable> onFault) {
        Write write = new Write(ticker.nanoTime(), then, onFault);
        health.sent(write.sentAt);
        unanswered.add(write);
        lookLater(MOST_NANOS);
        try {
            // The callback says it all; the future would say it again.
            var unused = producer.send(record, write);
        } catch (Throwable e) {
            loop.execute(() -> write.settle(null, e));
        }
    }

    boolean isUnwell() {
        return health.refuses(ticker.nanoTime());
    }

    private void lookLater(long inNanos) {
        if (!looks) {
            looks = true;
            var unused = loop.schedule(this::look, inNanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Gives up what was not answered for; a producer does so itself, unless its thread has ended. */
    private void look() {
        looks = false;
        long now = ticker.nanoTime();
        Write first = first();
        while (first != null && now - first.sentAt >= MOST_NANOS) {
            first.settle(null, new TimeoutException("the producer never said what became of a record"));
            first = first();
        }
        if (first != null) {
            lookLater(MOST_NANOS - (now - first.sentAt));
        }
    }

    private @Nullable Write first() {
        while (!unanswered.isEmpty() && unanswered.getFirst().settled) {
            unanswered.removeFirst();
        }
        return unanswered.peek();
    }

    /** One record on its way. */
    private final class Write implements Callback {
        private final long sentAt;
        private final Consumer<Throwable> onFault;
        private Written then;
        private boolean settled;

        Write(long sentAt, Written then, Consumer<Throwable> onFault) {
            this.sentAt = sentAt;
            this.then = then;
            this.onFault = onFault;
        }

        /** On the producer's thread, or within send. */
        @Override
        public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
            loop.execute(() -> settle(metadata, failure));
        }

        private void settle(@Nullable RecordMetadata metadata, @Nullable Throwable failure) {
            if (settled) {
                return;
            }
            settled = true;
            Written told = then;
            then = kept -> {}; // what waits behind an unanswered one does not keep its session in memory
            first();
            // A retry that the broker knows as a duplicate may be acknowledged without an offset: kept, but where?
            RecordMetadata kept = failure == null && metadata != null && metadata.hasOffset() ? metadata : null;
            try {
                judge(kept != null, failure);
            } finally {
                tell(told, kept);
            }
        }

        private void judge(boolean kept, @Nullable Throwable failure) {
            long now = ticker.nanoTime();
            if (kept) {
                health.kept(now);
                outage.kept(now);
            } else {
                health.failed(now);
                outage.failed(failure, now);
            }
        }

        private void tell(Written told, @Nullable RecordMetadata kept) {
            try {
                told.done(kept);
            } catch (Throwable bug) {
                onFault.accept(bug);
            }
        }
    }
}
