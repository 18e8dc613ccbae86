package org.postroad.deploy.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;
import org.postroad.schemas.Caps;
import org.postroad.schemas.Codec;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.Envelopes;
import org.postroad.schemas.Event;
import org.postroad.schemas.Failure;
import org.postroad.schemas.FailureReason;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.Recipient;
import org.postroad.schemas.Topic;
import org.postroad.schemas.Topics;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;
import org.postroad.schemas.policy.Selector;

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

    /** A dead letter, its place on the failed topic, and whom of its recipients is meant. */
    public record DeadLetter(String source, Failure failure, List<Recipient> recipients) {
        /** What is left when some of them are done; its recipients may be none. */
        public DeadLetter without(Set<String> done) {
            return new DeadLetter(
                    source,
                    failure,
                    recipients.stream()
                            .filter(recipient -> !done.contains(recipient.getAddress()))
                            .toList());
        }
    }

    public Replay(Cluster cluster, KnownSchemas schemas, Clock clock, long lifetimeMillis, String reason) {
        this.cluster = cluster;
        this.envelopes = new Codec<>(Envelope.class, schemas);
        this.failures = new Codec<>(Failure.class, schemas);
        this.clock = clock;
        this.lifetimeMillis = lifetimeMillis;
        this.reason = Caps.cut(reason, Caps.NAME_OCTETS);
    }

    /**
     * The recipients that were replayed before, by the place of their dead letter.
     *
     * <p>Read to where the events are written, not to where they are committed: a deliverer that died with an open transaction
     * hides what follows it for seconds, an earlier replay as well.
     */
    public Map<String, Set<String>> done() {
        byte[] needle = ("\"event\":\"" + Event.Kind.REPLAYED.text() + "\"").getBytes(UTF_8);
        Map<String, Set<String>> done = new HashMap<>();
        TopicScan.read(cluster.kafka(), cluster.writtenSpans(topics().events().name()), record -> {
            if (record.value() != null && Story.contains(record.value(), needle)) {
                StoredEvent event = StoredEvent.parse(record.value());
                if (event != null && !event.text(SOURCE).isEmpty()) {
                    done.computeIfAbsent(event.text(SOURCE), source -> new HashSet<>())
                            .addAll(event.recipients());
                }
            }
        });
        return done;
    }

    /**
     * Every dead letter that is meant, as it stands on the topic now; the reader may stop taking notice.
     *
     * @return how many more are meant, or may be, that only a newer version can replay: what this one does not know of them would be lost
     */
    public long select(Selector selector, Consumer<DeadLetter> reader) {
        Topic failed = topics().failed();
        // Kafka deletes by whole segments. A letter past its time may outlive the event that says it was replayed.
        long oldest = failed.retention() == null
                ? 0
                : clock.millis() - failed.retention().toMillis();
        long[] newer = {0};
        TopicScan.read(cluster.kafka(), cluster.committedSpans(failed.name()), record -> {
            if (record.timestamp() < oldest) {
                return;
            }
            try {
                Failure failure = failures.decodeWhatIsKnown(record.value());
                if (failure.getReason() == FailureReason.RELAYED) {
                    return; // nothing failed
                }
                List<Recipient> meant = selector.meant(failure);
                if (!meant.isEmpty() && failures.isWhollyKnown(failure)) {
                    String source = "failed-" + record.partition() + "-" + record.offset();
                    reader.accept(new DeadLetter(source, failure, meant));
                } else if (!meant.isEmpty()) {
                    newer[0]++;
                }
            } catch (UnknownSchemaException e) {
                newer[0]++;
            } catch (UndecodableException noDeadLetter) {
                // The router has put it among the rejects.
            }
        });
        return newer[0];
    }

    /**
     * Opens the way for writing: an earlier replay that still writes is ended, and what it had committed can be read when this
     * returns. So {@link #done} is asked after this, never before.
     */
    public Writing write() {
        // Asked first, because it knows within seconds that no cluster answers; a producer would wait for a minute.
        cluster.partitions(List.of(topics().failed().name(), topics().again().name()));
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

    /** Writes letters in transactions of a bounded size; throws {@link SupersededException} when a later replay has begun. */
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
            try {
                producer.beginTransaction();
                batch.forEach(this::send);
                producer.commitTransaction();
            } catch (KafkaException e) {
                throw isFenced(e) || isFenced(e.getCause()) ? new SupersededException(e) : e;
            }
            batch.clear();
        }

        private static boolean isFenced(@Nullable Throwable e) {
            return e instanceof ProducerFencedException || e instanceof InvalidProducerEpochException;
        }

        private void send(DeadLetter letter) {
            long now = clock.millis();
            Envelope meant = Envelopes.withRecipients(letter.failure().getEnvelope(), letter.recipients());
            Envelope next = Envelopes.replay(meant, now + lifetimeMillis);
            byte[] key = next.getQueueId().getBytes(UTF_8);
            Event event = Event.of(Event.Kind.REPLAYED, now, next, next.getRecipients())
                    .with(SOURCE, letter.source())
                    .with("reason", reason);
            if (next.getUser() != null) {
                event.with("user", next.getUser());
            }
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
