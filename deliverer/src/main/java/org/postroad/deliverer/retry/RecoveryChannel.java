package org.postroad.deliverer.retry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.delivery.Recoveries;
import org.postroad.deliverer.delivery.RecoveryNotice;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Policy;
import org.postroad.schemas.Topics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says on the control topic which destinations of this node have recovered, and hears it of every node's, this one's among them.
 *
 * <p>Nothing depends on it but how soon waiting mail leaves, so whatever fails here is tried again or lost. Confined to the thread that
 * reads the control topic, but for {@link #announce}.
 */
public final class RecoveryChannel implements Recoveries, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RecoveryChannel.class);

    private static final int UNSAID = 10_000;

    /** After so long nobody needs what was said, and it leaves the topic. */
    private static final Duration FORGOTTEN = RecoveryNotice.RECENT.multipliedBy(2);

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final TopicPartition partition;
    private final Codec<Policy> codec;
    private final Consumer<RecoveryNotice> heard;
    private final Clock clock;
    private final BlockingQueue<RecoveryNotice> unsaid = new ArrayBlockingQueue<>(UNSAID);

    /** When each was said of all that stand on the topic. */
    private final Map<String, Long> standing = new HashMap<>();

    private @Nullable Producer<byte[], byte[]> producer;
    private boolean failing;

    /**
     * @param producers makes a producer without transactions
     * @param heard is told of each recent recovery, in this one's thread
     */
    public RecoveryChannel(
            Supplier<Producer<byte[], byte[]>> producers,
            Topics topics,
            Codec<Policy> codec,
            Consumer<RecoveryNotice> heard,
            Clock clock) {
        this.producers = producers;
        this.partition = new TopicPartition(topics.control().name(), 0);
        this.codec = codec;
        this.heard = heard;
        this.clock = clock;
    }

    @Override
    public void announce(RecoveryNotice notice) {
        var unusedWhenFull = unsaid.offer(notice);
    }

    /** What stands on the control topic, or has been said there now; of other things it says nothing. */
    public void heard(Policy record) {
        RecoveryNotice notice = RecoveryNotice.of(record);
        if (notice != null) {
            standing.put(notice.destination(), notice.atMillis());
            if (notice.isRecent(clock.millis())) {
                heard.accept(notice);
            }
        }
    }

    /** Says what is to be said. */
    public void turn() {
        try {
            for (RecoveryNotice notice = unsaid.poll(); notice != null; notice = unsaid.poll()) {
                send(notice.destination(), codec.encode(notice.policy()));
            }
            forget(clock.millis() - FORGOTTEN.toMillis());
            failing = false;
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    /** After the last turn. */
    @Override
    public void close() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(1));
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
    }
}
