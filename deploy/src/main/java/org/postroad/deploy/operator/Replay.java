package org.postroad.deploy.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Event;
import org.postroad.schemas.Failure;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;

/**
 * Puts dead letters on the road again, each as the next generation of its mail.
 *
 * <p>What was done is written in the same producer transaction as the mail, as an event that names the dead letter; so a
 * second replay, or one that was killed in the middle and is started again, skips it. Two replays at once cannot fork a
 * mail: they share a transactional id, and the later one ends the earlier.
 */
public final class Replay implements AutoCloseable {
    private static final String SOURCE = "source";
    private static final int BATCH = 200;

    private final Cluster cluster;
    private final Codec<Envelope> envelopes;
    private final Codec<Failure> failures;
    private final Clock clock;
    private final long lifetimeMillis;
    private final String reason;

    /** A dead letter and its place on the failed topic. */
    public record DeadLetter(String source, Failure failure) {}

    public Replay(Cluster cluster, KnownSchemas schemas, Clock clock, long lifetimeMillis, String reason) {
        this.cluster = cluster;
        this.envelopes = new Codec<>(Envelope.class, schemas);
        this.failures = new Codec<>(Failure.class, schemas);
        this.clock = clock;
        this.lifetimeMillis = lifetimeMillis;
        this.reason = Caps.cut(reason, Caps.NAME_OCTETS);
    }

    /** Places of dead letters that were replayed before. */
    public Set<String> done() {
        byte[] needle = ("\"event\":\"" + Event.Kind.REPLAYED.text() + "\"").getBytes(UTF_8);
        Set<String> done = new HashSet<>();
        TopicScan.read(cluster.kafka(), cluster.cut().all(topics().events().name()), record -> {
            if (record.value() != null && Story.contains(record.value(), needle)) {
                StoredEvent event = StoredEvent.parse(record.value());
                if (event != null && !event.text(SOURCE).isEmpty()) {
                    done.add(event.text(SOURCE));
                }
            }
        });
        return done;
    }

    /** Every dead letter that is meant, as it stands on the topic now; the reader may stop taking notice. */
    public void select(Selector selector, Consumer<DeadLetter> reader) {
        TopicScan.read(cluster.kafka(), cluster.cut().all(topics().failed().name()), record -> {
            DeadLetter letter = read(record);
            if (letter != null && selector.matches(letter.failure())) {
                reader.accept(letter);
            }
        });
    }

    private @org.jspecify.annotations.Nullable DeadLetter read(ConsumerRecord<byte[], byte[]> record) {
        try {
            return new DeadLetter(
                    "failed-" + record.partition() + "-" + record.offset(), failures.decode(record.value()));
        } catch (UnknownSchemaException | UndecodableException unreadable) {
            return null;
        }
    }

    /**
     * Opens the way for writing: an earlier replay that still writes is ended, and what it had committed can be read when this
     * returns. So {@link #done} is asked after this, never before.
     */
    public Writing write() {
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                cluster.kafka().transactionalProducer("postroad-replay", topics().transactionalId("replay")));
        try {
            producer.initTransactions();
        } catch (KafkaException e) {
            producer.close(java.time.Duration.ZERO);
            throw e;
        }
        return new Writing(producer);
    }

    @Override
    public void close() {
        cluster.close();
    }

    private Topics topics() {
        return cluster.topics();
    }

    /** Writes letters in transactions of a bounded size. */
    public final class Writing implements AutoCloseable {
        private final Producer<byte[], byte[]> producer;
        private final List<DeadLetter> batch = new ArrayList<>();

        private Writing(Producer<byte[], byte[]> producer) {
            this.producer = producer;
        }

        /** Takes one letter; it is on the road after the next {@link #commit}. */
        public void add(DeadLetter letter) {
            batch.add(letter);
            if (batch.size() >= BATCH) {
                commit();
            }
        }

        public void commit() {
            if (batch.isEmpty()) {
                return;
            }
            producer.beginTransaction();
            batch.forEach(this::send);
            producer.commitTransaction();
            batch.clear();
        }

        private void send(DeadLetter letter) {
            long now = clock.millis();
            Envelope next = Envelopes.replay(letter.failure().getEnvelope(), now + lifetimeMillis);
            byte[] key = next.getQueueId().getBytes(UTF_8);
            Event event = Event.of(Event.Kind.REPLAYED, now, next, next.getRecipients())
                    .with(SOURCE, letter.source())
                    .with("reason", reason);
            write(new ProducerRecord<>(
                    topics().again().name(),
                    letter.failure().getDestination().getBytes(UTF_8),
                    envelopes.encode(next)));
            write(new ProducerRecord<>(topics().events().name(), key, event.toJson()));
        }

        /** What becomes of a record is told by the commit: it fails if any of them did. */
        @SuppressWarnings("FutureReturnValueIgnored")
        private void write(ProducerRecord<byte[], byte[]> record) {
            producer.send(record);
        }

        @Override
        public void close() {
            producer.close(java.time.Duration.ofSeconds(5));
        }
    }
}
