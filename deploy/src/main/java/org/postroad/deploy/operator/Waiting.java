package org.postroad.deploy.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.postroad.deliverer.commit.FinishedOffsets;
import org.postroad.deliverer.commit.LedgerCodec;
import org.postroad.deliverer.retry.AlreadyLeft;
import org.postroad.schemas.Codec;
import org.postroad.schemas.ControlTopic;
import org.postroad.schemas.Delivery;
import org.postroad.schemas.Envelope;
import org.postroad.schemas.KnownSchemas;
import org.postroad.schemas.MailReader;
import org.postroad.schemas.UndecodableException;
import org.postroad.schemas.UnknownSchemaException;

/**
 * Mail that is somewhere between its acceptance and its fate, as a cut shows it; confined to one thread.
 *
 * <p>Each place is read as a stream. What the router has parked is the one that a stream does not tell, since a share may be parked
 * at its begin and released at its end: of each share that is parked there, 16 to 32 octets are kept.
 */
public final class Waiting {
    /** How the keys of records begin that wait for a newer router: with the end of an empty domain. */
    private static final byte KEPT = 0;

    private final Cluster cluster;
    private final Cut cut;
    private final MailReader mails;
    private final Codec<Delivery> deliveries;
    private final StandingJobs jobs;
    private boolean whole = true;

    /**
     * What the router has parked.
     *
     * @param recipients of all shares of which nothing was noted
     * @param noted what was noted of the others
     */
    public record Parked<T>(long recipients, Collection<T> noted) {}

    /** What is to be kept of mail that the router has. */
    public interface Note<T> {
        /**
         * What is to be kept of this one; null for nothing.
         *
         * @param kept whether it waits for a newer router, and not for DNS */
        @Nullable
        T of(Envelope envelope, boolean kept);
    }

    public Waiting(Cluster cluster, Cut cut, KnownSchemas schemas) {
        this.cluster = cluster;
        this.cut = cut;
        this.mails = new MailReader(schemas);
        this.deliveries = new Codec<>(Delivery.class, schemas);
        this.jobs = new StandingJobs(new ControlTopic(cluster.kafka(), cluster.topics(), schemas));
    }

    /** Whether all that the cut shows was still there to be read: nodes delete what was handled since. */
    public boolean isWhole() {
        return whole;
    }

    /** Accepted, and not seen by the router yet. */
    public void onInbound(Consumer<Envelope> reader) {
        readEnvelopes(cut.backlog(cluster.topics().inbound().name(), cut.routed()), reader);
    }

    /** Due again, bounces and replays, and not seen by the router yet. */
    public void onAgain(Consumer<Envelope> reader) {
        readEnvelopes(cut.backlog(cluster.topics().again().name(), cut.routed()), reader);
    }

    /** In every retry topic there is, configured or not. */
    public void onRetry(Consumer<Envelope> reader) {
        onRetry(reader, reader);
    }

    /**
     * The same.
     *
     * @param putOff hears of mail that waits as it was routed, because a deliverer did not know all that a newer router wrote
     */
    public void onRetry(Consumer<Envelope> reader, Consumer<Envelope> putOff) {
        readAtRest(isRetry(), record -> accept(record, mails.isDelivery(record.value()) ? putOff : reader));
    }

    /** A message that waits, at its place. */
    public record AtRest(
            TopicPartition partition, long offset, String destination, long writtenMillis, Envelope envelope) {}

    /** The same with each message's place, of all topics that mail waits in by name. */
    void atRest(Predicate<String> topic, Consumer<AtRest> reader) {
        readAtRest(
                topic,
                record -> accept(
                        record,
                        envelope -> reader.accept(new AtRest(
                                new TopicPartition(record.topic(), record.partition()),
                                record.offset(),
                                record.key() == null ? "" : new String(record.key(), UTF_8),
                                record.timestamp(),
                                envelope))));
    }

    /** Every retry topic, configured or not. */
    Predicate<String> isRetry() {
        String prefix = cluster.topics().retryPrefix();
        return topic -> topic.startsWith(prefix);
    }

    /** What waits and has not left, at the head or behind it. */
    private void readAtRest(Predicate<String> topic, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        Map<TopicPartition, Span> spans = new HashMap<>();
        cut.partitions(topic).stream()
                .map(TopicPartition::topic)
                .distinct()
                .forEach(name -> spans.putAll(cut.backlog(name, cut.released())));
        Map<TopicPartition, AlreadyLeft> behind = new HashMap<>();
        cut.released().forEach((at, mark) -> {
            AlreadyLeft left = AlreadyLeft.of(mark.offset(), mark.metadata(), jobs::known);
            whole &= left.unknownJobs(mark.offset()).isEmpty();
            behind.put(at, left);
        });
        read(spans, record -> {
            if (!hasLeft(behind.get(new TopicPartition(record.topic(), record.partition())), record)) {
                reader.accept(record);
            }
        });
    }

    private boolean hasLeft(@Nullable AlreadyLeft behind, ConsumerRecord<byte[], byte[]> record) {
        try {
            return behind != null && behind.has(record, mails);
        } catch (UnknownSchemaException e) {
            return false;
        }
    }

    /** Until an operator releases it. */
    public void onHeld(Consumer<Envelope> reader) {
        readAtRest(cluster.topics().held().name()::equals, record -> accept(record, reader));
    }

    /** Routed, and unfinished: above the deliverer's mark and not among what it has finished there. */
    public void onOutbound(Consumer<Delivery> reader) {
        Map<TopicPartition, FinishedOffsets> finished = new HashMap<>();
        cut.delivered().forEach((partition, mark) -> finished.put(partition, finishedAt(mark)));
        Map<TopicPartition, Span> spans =
                cut.backlog(cluster.topics().outbound().name(), cut.delivered());
        read(spans, record -> {
            FinishedOffsets done = finished.get(new TopicPartition(record.topic(), record.partition()));
            if (done == null || !done.isFinished(record.offset())) {
                Delivery delivery = known(deliveries::decodeWhatIsKnown, record);
                if (delivery != null) {
                    reader.accept(delivery);
                }
            }
        });
    }

    /**
     * Parked by the router until DNS answers, or kept for a newer router: the last value of each key of its store's changelog.
     *
     * @param note what is to be kept of a share; null: only the number of its recipients
     */
    public <T> Parked<T> parked(Note<T> note) {
        Map<TopicPartition, Span> spans = new HashMap<>();
        cut.partitions(this::isParked).forEach(partition -> spans.putAll(cut.all(partition.topic())));
        Fingerprint fingerprint = new Fingerprint(new SecureRandom().nextLong());
        LongCounts recipients = new LongCounts();
        Map<Long, T> noted = new HashMap<>();
        read(spans, record -> {
            long key = fingerprint.of(record.key());
            recipients.remove(key);
            noted.remove(key);
            Envelope envelope = record.value() == null ? null : known(mails::decodeWhatIsKnown, record);
            T its = envelope == null ? null : note.of(envelope, record.key()[0] == KEPT);
            if (its != null) {
                noted.put(key, its);
            } else if (envelope != null && !envelope.getRecipients().isEmpty()) {
                recipients.put(key, envelope.getRecipients().size());
            }
        });
        return new Parked<>(recipients.sum(), noted.values());
    }

    /** Whether a topic is a changelog of the router's. */
    boolean isParked(String topic) {
        return topic.startsWith(cluster.topics().routerGroup() + "-") && topic.endsWith("-changelog");
    }

    /** Every recipient's mail that was written to a topic in these spans, decided or not when they were asked for. */
    void written(Map<TopicPartition, Span> spans, Consumer<Envelope> reader) {
        String outbound = cluster.topics().outbound().name();
        read(spans, record -> {
            if (record.value() == null) {
                return;
            }
            if (record.topic().equals(outbound)) {
                Delivery delivery = known(deliveries::decodeWhatIsKnown, record);
                if (delivery != null) {
                    reader.accept(delivery.getEnvelope());
                }
            } else {
                accept(record, reader);
            }
        });
    }

    private void readEnvelopes(Map<TopicPartition, Span> spans, Consumer<Envelope> reader) {
        read(spans, record -> accept(record, reader));
    }

    private void read(Map<TopicPartition, Span> spans, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        whole &= TopicScan.read(cluster.kafka(), spans, reader).isEmpty();
    }

    private void accept(ConsumerRecord<byte[], byte[]> record, Consumer<Envelope> reader) {
        Envelope envelope = known(mails::decodeWhatIsKnown, record);
        if (envelope != null) {
            reader.accept(envelope);
        }
    }

    /** Reads what is known of a record. */
    private interface Decoder<T> {
        T decode(byte[] octets) throws UnknownSchemaException, UndecodableException;
    }

    /** What cannot be read is no mail: its reader will put it among the rejects. */
    private static <T> @Nullable T known(Decoder<T> decoder, ConsumerRecord<byte[], byte[]> record) {
        try {
            return decoder.decode(record.value());
        } catch (UnknownSchemaException | UndecodableException unreadable) {
            return null;
        }
    }

    private static FinishedOffsets finishedAt(OffsetAndMetadata mark) {
        FinishedOffsets finished = LedgerCodec.decode(mark.offset(), mark.metadata());
        return finished == null ? FinishedOffsets.below(mark.offset()) : finished;
    }
}
