package org.postroad.schemas.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.FollowedTurns;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.NewerRecordException;
import org.postroad.schemas.Policy;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
import org.postroad.schemas.UnreachableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one reader of the control topic that a role has: it learns schemas, and tells its role what is in force and what others say there.
 *
 * <p>A role starts when the topic has been read to its end once, and follows it from there; what it was told last holds for as long as
 * Kafka does not answer. Now and then everything is read afresh, and only when all is read it takes the place of what was known: of a
 * policy that was taken back the topic keeps the tombstone for a day, and a reader that was cut off for longer would never see it.
 *
 * <p>Confined to one thread, but for {@link #close}.
 */
public final class ControlReader implements Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlReader.class);

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** While it follows the topic nothing may take longer: policies end meanwhile. */
    private static final Duration SHORT_PATIENCE = Duration.ofSeconds(5);

    /** Well before a tombstone may go, which Kafka keeps for a day ({@code delete.retention.ms}). */
    static final long AFRESH_MILLIS = Duration.ofHours(6).toMillis();

    private static final long AFRESH_AGAIN_MILLIS = Duration.ofMinutes(1).toMillis();

    /** Who is told; called by the reader's thread. */
    public interface Listener {
        /** What is in force from now on. */
        void changed(Policies policies);

        /** Whether what is said of an aspect is its own to put in force. */
        default boolean follows(Aspect aspect) {
            return true;
        }

        /** What others say there, policies among it, but not what they take back. */
        default void heard(Policy record) {}

        /** What others take back, by its key. */
        default void takenBack(String key) {}

        /** Another turn ends: every tenth of a second, and more often where much is said. */
        default void turn() {}
    }

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final KnownSchemas schemas;
    private final Codec<Policy> codec;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Listener listener;
    private final FollowedTurns turns;

    private ControlState state = new ControlState();
    private Policies policies = Policies.NONE;
    private long heardTo;

    /** All that is read afresh, and where that ends; null while nothing is. */
    private @Nullable ControlState fresh;

    private long freshTo;
    private long afreshAtMillis;

    /** Something was passed over because its schema is not known. */
    private boolean unlearned;

    /** Since then a schema came. */
    private boolean learned;

    /** The topic has been read to its end once. */
    private boolean begun;

    /**
     * @param consumer without a group; the reader closes it when it ends
     * @param topic the name of the control topic
     * @param clock by which policies end
     * @param nanoTime as {@link System#nanoTime}
     */
    public ControlReader(
            Consumer<byte[], byte[]> consumer,
            String topic,
            KnownSchemas schemas,
            Clock clock,
            LongSupplier nanoTime,
            Listener listener) {
        this.consumer = consumer;
        this.turns = new FollowedTurns(
                consumer, "the control topic cannot be followed: what was in force stays, until it has ended");
        this.partition = new TopicPartition(topic, 0);
        this.schemas = schemas;
        this.codec = new Codec<>(Policy.class, schemas);
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.listener = listener;
    }

    /**
     * Reads the topic to its end, before the role starts; blocks, at most some 20 s.
     *
     * @throws UnreachableException if that cannot be had
     */
    public void begin() {
        try {
            readAfresh(PATIENCE);
            long end = nanoTime.getAsLong() + PATIENCE.toNanos();
            while (fresh != null || learned) {
                if (nanoTime.getAsLong() - end > 0) {
                    throw new TimeoutException("no end of " + partition.topic());
                }
                turn();
            }
            begun = true;
        } catch (KafkaException e) {
            consumer.close();
            throw new UnreachableException("cannot read " + partition.topic() + ": " + e.getMessage(), e);
        }
    }

    /** Follows the topic; returns after {@link #close}. */
    @Override
    public void run() {
        turns.take(this::turn, () -> {});
    }

    @Override
    public void close() {
        turns.close();
    }

    /** One round: what was said since, and what has ended meanwhile. Waits for news, at most a tenth of a second. */
    public void turn() {
        tell();
        if (fresh == null && (learned || clock.millis() >= afreshAtMillis)) {
            afreshAtMillis = clock.millis() + AFRESH_AGAIN_MILLIS; // unless it succeeds
            readAfresh(SHORT_PATIENCE);
        }
        try {
            consumer.poll(POLL).forEach(this::taken);
        } catch (InvalidOffsetException e) {
            LOG.atWarn().setCause(e).log("the control topic is not what it was; it is read from its start");
            heardTo = 0;
            readAfresh(SHORT_PATIENCE);
        }
        if (fresh != null && consumer.position(partition, SHORT_PATIENCE) >= freshTo) {
            state = fresh;
            fresh = null;
            afreshAtMillis = clock.millis() + AFRESH_MILLIS;
        }
        tell();
        listener.turn();
    }

    private void readAfresh(Duration patience) {
        consumer.assign(List.of(partition));
        freshTo = consumer.endOffsets(List.of(partition), patience).getOrDefault(partition, 0L);
        consumer.seekToBeginning(List.of(partition));
        fresh = new ControlState();
        unlearned = false;
        learned = false;
    }

    /** One record's fault is not that of those behind it. */
    private void taken(ConsumerRecord<byte[], byte[]> record) {
        try {
            take(record);
        } catch (RuntimeException fault) {
            LOG.atError().addKeyValue("offset", record.offset()).setCause(fault).log("unforeseen exception");
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) {
            return;
        }
        String key = new String(record.key(), UTF_8);
        boolean news = record.offset() >= heardTo;
        heardTo = Math.max(heardTo, record.offset() + 1);
        Policy read = record.value() == null ? null : decoded(key, record.value());
        put(key, read);
        if (read != null && ControlTopic.learnFrom(read, schemas)) {
            learned |= unlearned && news;
        }
        if (read != null && news) {
            listener.heard(read);
        } else if (record.value() == null && news) {
            listener.takenBack(key);
        }
    }

    private @Nullable Policy decoded(String key, byte[] value) {
        try {
            Policy read = codec.decode(value);
            schemas.ignored().note(read);
            return read;
        } catch (UnknownSchemaException e) {
            unlearned = true;
            schemas.ignored().say(key, "written by a newer node, whose schema is not known");
        } catch (NewerRecordException | UndecodableException e) {
            schemas.ignored().say(key, String.valueOf(e.getMessage()));
        }
        return null;
    }

    private void put(String key, @Nullable Policy read) {
        StandingPolicy standing = null;
        Aspect aspect = read == null ? null : Aspect.of(read.getAspect());
        if (read != null && aspect != null) {
            try {
                standing = StandingPolicy.of(aspect, read);
                if (!standing.key().equals(key)) {
                    throw new IllegalArgumentException("its key is not that of what it says");
                }
            } catch (IllegalArgumentException e) {
                standing = null;
                schemas.ignored().say(key, String.valueOf(e.getMessage()));
            }
        }
        (fresh == null ? state : fresh).put(key, standing);
    }

    private void tell() {
        Policies now = state.inForce(clock.millis());
        if (!now.equals(policies)) {
            try {
                listener.changed(now);
            } catch (RuntimeException fault) {
                LOG.atError().setCause(fault).log("what changed on the control topic could not be put in force");
            }
            log(now);
            policies = now;
        }
    }

    /** What stood already when the role started is no news. */
    private void log(Policies now) {
        if (begun) {
            PolicyLog.say(policies, now, listener::follows, state::latest);
        }
    }
}
