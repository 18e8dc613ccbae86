package org.postroad.router;

import io.prometheus.client.Gauge;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records in which a newer node says what this router does not know. To route one would lose that, since it would be written anew; so
 * each is kept as it is, octet by octet, in the store that survives the node, until a router that knows all of it has the task.
 *
 * <p>They are looked through when the task starts, because what a router knows does not change while it runs. They stand before all
 * parked shares, under the domain that no share has. Confined to its task.
 */
final class KeptRecords {
    private static final Logger LOG = LoggerFactory.getLogger(KeptRecords.class);

    static final Duration TICK = Duration.ofMillis(10);
    static final int RECORDS_PER_TICK = 100;

    private static final String NO_DOMAIN = "";
    private static final Bytes FIRST = ParkingLot.bound(NO_DOMAIN, ParkingLot.END);
    private static final Bytes BEHIND = ParkingLot.bound(NO_DOMAIN, ParkingLot.AFTER_END);
    private static final long SILENCE_MILLIS = Duration.ofMinutes(1).toMillis();

    /** What a kept record becomes. */
    interface Review {
        /** Null when it has to be kept on. */
        @Nullable
        Outputs of(Source from, byte[] octets, long nowMillis);
    }

    private final KeyValueStore<Bytes, byte[]> store;
    private final Set<String> topics;
    private final Review review;
    private final Consumer<Outputs> leaving;
    private final Gauge.Child gauge;
    private long count;
    private Bytes next = FIRST;
    private @Nullable Cancellable looking;
    private long silentUntilMillis = Long.MIN_VALUE;

    /** Some of the pass has a schema that the control topic has not brought yet. */
    private boolean unlearned;

    private long restingUntilMillis = Long.MIN_VALUE;

    /**
     * @param store shared with others of its task
     * @param topics whose records are this one's
     * @param leaving takes what became of one
     */
    KeptRecords(
            ProcessorContext<byte[], byte[]> context,
            KeyValueStore<Bytes, byte[]> store,
            Set<String> topics,
            Review review,
            Consumer<Outputs> leaving,
            Gauge.Child gauge) {
        this.store = store;
        this.topics = topics;
        this.review = review;
        this.leaving = leaving;
        this.gauge = gauge;
        try (KeyValueIterator<Bytes, byte[]> restored = store.range(FIRST, BEHIND)) {
            while (restored.hasNext()) {
                count += isOurs(restored.next().key) ? 1 : 0;
            }
        }
        gauge.inc((double) count);
        if (count > 0) {
            looking = context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::look);
        }
    }

    private boolean isOurs(Bytes key) {
        return topics.contains(ParkingLot.Place.of(key).topic());
    }

    /**
     * Keeps one, and says so: the first at once, then once a minute how many there are.
     *
     * @param share which part of the record it is; 0 for all of it
     */
    void keep(Source from, int share, byte[] octets, Exception why, long nowMillis) {
        store.put(ParkingLot.Place.of(NO_DOMAIN, from, share).key(), octets);
        count++;
        gauge.inc();
        if (nowMillis >= silentUntilMillis) {
            silentUntilMillis = nowMillis + SILENCE_MILLIS;
            LOG.atWarn()
                    .addKeyValue("record", from)
                    .addKeyValue("why", why.getMessage())
                    .addKeyValue("kept", count)
                    .log("a record waits, uncounted, for a newer router that knows all that it says");
        }
    }

    private void look(long nowMillis) {
        if (nowMillis < restingUntilMillis) {
            return;
        }
        try (KeyValueIterator<Bytes, byte[]> kept = store.range(next, BEHIND)) {
            for (int looked = 0; looked < RECORDS_PER_TICK && kept.hasNext(); looked++) {
                look(kept.next(), nowMillis);
            }
            if (kept.hasNext()) {
                return;
            }
        }
        if (unlearned) {
            unlearned = false;
            next = FIRST;
            restingUntilMillis = nowMillis + WaitingShares.LOOK_AGAIN.toMillis();
        } else {
            stopLooking();
        }
    }

    private void look(KeyValue<Bytes, byte[]> kept, long nowMillis) {
        next = Bytes.wrap(Arrays.copyOf(kept.key.get(), kept.key.get().length + 1)); // the next key there could be
        if (!isOurs(kept.key)) {
            return;
        }
        try {
            Outputs outputs = review.of(ParkingLot.Place.of(kept.key).source(), kept.value, nowMillis);
            if (outputs != null) {
                store.delete(kept.key);
                count--;
                gauge.dec();
                leaving.accept(outputs);
            }
        } catch (UnlearnedSchemaException e) {
            unlearned = true;
        }
    }

    private void stopLooking() {
        cancel();
        if (count > 0) {
            LOG.atWarn()
                    .addKeyValue("topics", topics)
                    .addKeyValue("kept", count)
                    .log("records wait, uncounted, for a newer router that knows all that they say");
        }
    }

    private void cancel() {
        if (looking != null) {
            looking.cancel();
            looking = null;
        }
    }

    /** A task may be resumed after this, with a new one of us. */
    void close() {
        cancel();
        gauge.dec((double) count);
    }
}
