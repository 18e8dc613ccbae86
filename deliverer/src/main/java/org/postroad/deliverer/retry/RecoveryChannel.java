package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.work.Recoveries;
import org.postroad.deliverer.work.RecoveryNotice;
import org.postroad.schemas.Codec;
import org.postroad.schemas.IgnoredPolicies;
import org.postroad.schemas.NewerRecordException;
import org.postroad.schemas.Policy;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says on the control topic which destinations of this node have recovered, and hears it of every node's, this one's among them.
 *
 * <p>Nothing depends on it but how soon waiting mail leaves, so whatever fails here is tried again or lost. Confined to its thread
 * but for {@link #announce} and {@link #close}.
 */
public final class RecoveryChannel implements Runnable, Recoveries {
    private static final Logger LOG = LoggerFactory.getLogger(RecoveryChannel.class);

    private static final Duration POLL = Duration.ofMillis(100);
    private static final int UNSAID = 10_000;

    /** After so long nobody needs what was said, and it leaves the topic. */
    private static final Duration FORGOTTEN = RecoveryNotice.RECENT.multipliedBy(2);

    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> control;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final TopicPartition partition;
    private final Codec<Policy> codec;
    private final Consumer<RecoveryNotice> heard;
    private final Clock clock;
    private final IgnoredPolicies ignored;
    private final BlockingQueue<RecoveryNotice> unsaid = new ArrayBlockingQueue<>(UNSAID);
    private final CountDownLatch closing = new CountDownLatch(1);

    /** When each was said of all that stand on the topic. */
    private final Map<String, Long> standing = new HashMap<>();

    private @Nullable Producer<byte[], byte[]> producer;
    private boolean failing;

    /**
     * @param control a consumer without a group
     * @param producers makes a producer without transactions
     * @param heard is told of each recent recovery, in this one's thread
     */
    public RecoveryChannel(
            org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> control,
            Supplier<Producer<byte[], byte[]>> producers,
            Topics topics,
            Codec<Policy> codec,
            IgnoredPolicies ignored,
            Consumer<RecoveryNotice> heard,
            Clock clock) {
        this.control = control;
        this.producers = producers;
        this.partition = new TopicPartition(topics.control().name(), 0);
        this.codec = codec;
        this.ignored = ignored;
        this.heard = heard;
        this.clock = clock;
    }

    @Override
    public void announce(RecoveryNotice notice) {
        var unusedWhenFull = unsaid.offer(notice);
    }

    /** Returns after {@link #close}. */
    @Override
    public void run() {
        begin();
        while (closing.getCount() > 0) {
            try {
                turn();
                failing = false;
            } catch (RuntimeException e) {
                failed(e);
            }
        }
        if (producer != null) {
            producer.close(Duration.ofSeconds(1));
        }
    }

    /** Reads what has been said already, first. */
    public void begin() {
        control.assign(List.of(partition));
        control.seekToBeginning(List.of(partition));
    }

    public void close() {
        closing.countDown();
    }

    /** One round of its work; it waits for what others say. */
    public void turn() {
        for (ConsumerRecord<byte[], byte[]> record : control.poll(POLL)) {
            if (record.value() != null) {
                hear(record.value());
            }
        }
        for (RecoveryNotice notice = unsaid.poll(); notice != null; notice = unsaid.poll()) {
            send(notice.destination(), codec.encode(notice.policy()));
        }
        forget(clock.millis() - FORGOTTEN.toMillis());
    }

    private void hear(byte[] value) {
        RecoveryNotice notice;
        try {
            Policy policy = codec.decode(value);
            ignored.note(policy);
            notice = RecoveryNotice.of(policy);
        } catch (UndecodableException | NewerRecordException | UnknownSchemaException e) {
            return; // said by a newer node, or no policy: whoever needs it reads it elsewhere
        }
        if (notice != null) {
            standing.put(notice.destination(), notice.atMillis());
            if (notice.isRecent(clock.millis())) {
                heard.accept(notice);
            }
        }
    }

    /** Each node does so, also for one that is gone. */
    private void forget(long beforeMillis) {
        for (Iterator<Map.Entry<String, Long>> all = standing.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, Long> one = all.next();
            if (one.getValue() < beforeMillis) {
                send(one.getKey(), null);
                all.remove();
            }
        }
    }

    private void send(String destination, byte @Nullable [] value) {
        if (producer == null) {
            producer = producers.get();
        }
        byte[] key = RecoveryNotice.key(destination).getBytes(UTF_8);
        var unused = producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), key, value));
    }

    private void failed(RuntimeException e) {
        if (!failing) {
            failing = true;
            LOG.atWarn()
                    .setCause(e)
                    .log("nobody hears which destinations have recovered: their mail leaves when it is due");
        }
        try {
            boolean unusedWhenClosed = closing.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            close();
        }
    }
}
